import { type Clock, systemClock } from '../model/clock.ts';
import { OrchError } from '../model/errors.ts';
import type { SafetyCheck } from '../ports/safety-check.ts';

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
    if (!(maxDurationMs > 0 && Number.isFinite(maxDurationMs))) {
      throw new OrchError(
        'usage',
        `Expected maxDurationMs to be more than 0 milliseconds, got ${maxDurationMs}`,
      );
    }
    this.#maxDurationMs = maxDurationMs;
    this.#clock = clock;
  }

  get stopReason(): string | undefined {
    return this.#stopReason;
  }

  /** Milliseconds since the epoch; undefined until it is first asked. */
  get deadline(): number | undefined {
    return this.#deadline;
  }

  allowContinue(): boolean {
    const now = this.#clock.now();
    this.#deadline ??= now + this.#maxDurationMs;
    if (now >= this.#deadline) {
      const ran = now - this.#deadline + this.#maxDurationMs;
      this.#stopReason ??= `the run took ${duration(ran)} (limit ${duration(this.#maxDurationMs)})`;
    }
    return this.#stopReason === undefined;
  }

  recordAttempt(): void {}

  recordSuccess(): void {}

  recordFailure(): void {}
}

/** As the command line reads durations: `1h30m`, `2.5s`. */
function duration(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms) / 1000}s`;
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([n, unit]) => (n > 0 ? `${n}${unit}` : '')).join('');
}
