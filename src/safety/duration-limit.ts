import { type Clock, systemClock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import { requireMs } from '../model/expect.ts';
import type { Gauge, SafetyCheck } from '../ports/safety-check.ts';

export interface DurationLimitOptions {
  /** Milliseconds after which no attempt begins. */
  maxDurationMs: number;
  /** Default: the system's. */
  clock?: Clock;
}

/** Stops a run that takes too long. The time begins when it is first asked, which is before the first attempt. */
export class DurationLimit implements SafetyCheck {
  readonly #maxDurationMs: number;
  readonly #clock: Clock;
  #deadline: number | undefined;
  #stopReason: string | undefined;

  /** @throws `usage`: not a length of time. */
  constructor({ maxDurationMs, clock = systemClock }: DurationLimitOptions) {
    this.#maxDurationMs = requireMs('maxDurationMs', maxDurationMs);
    this.#clock = clock;
  }

  get stopReason(): string | undefined {
    return this.#stopReason;
  }

  /** Milliseconds since the epoch; undefined until it is first asked. */
  get deadline(): number | undefined {
    return this.#deadline;
  }

  get gauges(): Gauge[] {
    if (this.#deadline === undefined) return [];
    const used = this.#clock.now() - this.#deadline + this.#maxDurationMs;
    return [{ what: 'duration', used, limit: this.#maxDurationMs, unit: 'ms' }];
  }

  allowContinue(): boolean {
    const now = this.#clock.now();
    this.#deadline ??= now + this.#maxDurationMs;
    if (now >= this.#deadline) {
      const ran = now - this.#deadline + this.#maxDurationMs;
      const shown = ran < 1_000 ? ran : Math.floor(ran / 1_000) * 1_000;
      this.#stopReason ??= `the run took ${formatDuration(shown)} (limit ${formatDuration(this.#maxDurationMs)})`;
    }
    return this.#stopReason === undefined;
  }

  recordAttempt(): void {}

  recordSuccess(): void {}

  recordFailure(): void {}
}
