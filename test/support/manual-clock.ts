import type { Clock } from '../../src/model/clock.ts';

/** A clock that stands still until a test moves it. Starts at 2026-01-01T00:00:00.000Z. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 0, 1);

  now(): number {
    return this.#now;
  }

  /** @param ms milliseconds; never backwards. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`a clock goes forward, not by ${ms} ms`);
    this.#now += ms;
  }

  /** The time that will be when `ms` milliseconds have passed, ISO 8601. */
  in(ms: number): string {
    return new Date(this.#now + ms).toISOString();
  }
}
