import { requireLimit, unexpected } from '../model/expect.ts';
import { cut, oneLine } from '../model/text.ts';
import type { Gauge, SafetyCheck } from '../ports/safety-check.ts';

export interface FailureRateLimitOptions {
  /** Share of the last tasks that may end failed: above 0, at most 1. One more trips it. */
  maxFailureRate: number;
  /** How many of the last tasks are looked at; before so many have ended, nothing is said. Default: 20. */
  window?: number;
}

/** A reason can be a whole feedback. */
const MAX_REASON_LENGTH = 300;

/** Stops a run of which too many tasks fail, though not in a row, and the other runs on the store with it. */
export class FailureRateLimit implements SafetyCheck {
  readonly isShared = true;
  readonly #maxRate: number;
  readonly #window: number;
  /** Of the last tasks that ended, whether each failed. */
  readonly #last: boolean[] = [];
  #stopReason: string | undefined;

  /** @throws `usage`: a rate that is none, or a window that is no whole number of at least 1. */
  constructor({ maxFailureRate, window = 20 }: FailureRateLimitOptions) {
    if (!(maxFailureRate > 0 && maxFailureRate <= 1)) {
      throw unexpected('maxFailureRate', 'above 0 and at most 1', maxFailureRate);
    }
    this.#maxRate = maxFailureRate;
    this.#window = requireLimit('window', window);
  }

  get stopReason(): string | undefined {
    return this.#stopReason;
  }

  get gauges(): Gauge[] {
    const used = this.#last.filter(Boolean).length / this.#window;
    return [{ what: `failed of the last ${this.#window} tasks`, used, limit: this.#maxRate, unit: 'share' }];
  }

  allowContinue(): boolean {
    return this.#stopReason === undefined;
  }

  recordSuccess(): void {
    this.#record(false);
  }

  recordFailure(reason: string): void {
    this.#record(true);
    const failed = this.#last.filter(Boolean).length;
    if (this.#last.length < this.#window || failed <= this.#maxRate * this.#window) return;
    this.#stopReason ??= `${failed} of the last ${this.#window} tasks failed (limit ${this.#maxRate * 100} %), the last: ${cut(oneLine(reason), MAX_REASON_LENGTH)}`;
  }

  #record(failed: boolean): void {
    this.#last.push(failed);
    if (this.#last.length > this.#window) this.#last.shift();
  }
}
