import { requireLimit } from '../model/expect.ts';
import { cut, oneLine } from '../model/text.ts';
import type { Gauge, SafetyCheck } from '../ports/safety-check.ts';

export interface CircuitBreakerOptions {
  /** Attempts that may begin, verifications that go on from a kept output included. Default: 100. `Infinity`: no limit. */
  maxIterations?: number;
  /** Tasks in a row that may end failed; the last of them trips it. Default: 10. `Infinity`: no limit. */
  maxConsecutiveFailures?: number;
}

/** A reason can be a whole feedback. */
const MAX_REASON_LENGTH = 300;

/**
 * Stops a run that goes on and on, or that only fails. Never more than `maxIterations` attempts begin, at any
 * concurrency. A failure is a task that ended failed, not an attempt that will be retried; a completed task starts
 * the count of failures again. Failures in a row stop the other runs on the store, too.
 */
export class CircuitBreaker implements SafetyCheck {
  readonly #maxIterations: number;
  readonly #maxFailures: number;
  #iterations = 0;
  #failures = 0;
  #stopReason: string | undefined;
  #isShared = false;

  /** @throws `usage`: a limit is not a whole number of at least 1, or `Infinity`. */
  constructor({ maxIterations = 100, maxConsecutiveFailures = 10 }: CircuitBreakerOptions = {}) {
    this.#maxIterations = requireLimit('maxIterations', maxIterations);
    this.#maxFailures = requireLimit('maxConsecutiveFailures', maxConsecutiveFailures);
  }

  get stopReason(): string | undefined {
    return this.#stopReason;
  }

  /** Failures in a row are no run's own; attempts are. */
  get isShared(): boolean {
    return this.#isShared;
  }

  get gauges(): Gauge[] {
    return [
      { what: 'attempts', used: this.#iterations, limit: this.#maxIterations },
      { what: 'failed tasks in a row', used: this.#failures, limit: this.#maxFailures },
    ].filter(({ limit }) => limit !== Number.POSITIVE_INFINITY);
  }

  allowContinue(): boolean {
    if (this.#iterations >= this.#maxIterations) {
      this.#trip(`${count(this.#iterations, 'attempt')} began (limit ${this.#maxIterations})`);
    }
    return this.#stopReason === undefined;
  }

  recordAttempt(): void {
    this.#iterations++;
  }

  takeBackAttempt(): void {
    this.#iterations--;
  }

  recordSuccess(): void {
    this.#failures = 0;
  }

  recordFailure(reason: string): void {
    this.#failures++;
    if (this.#failures < this.#maxFailures) return;
    this.#isShared ||= this.#stopReason === undefined;
    this.#trip(
      `${count(this.#failures, 'task')} in a row failed (limit ${this.#maxFailures}), the last: ${cut(oneLine(reason), MAX_REASON_LENGTH)}`,
    );
  }

  #trip(reason: string): void {
    this.#stopReason ??= reason;
  }
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
