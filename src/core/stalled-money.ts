import type { Clock } from '../model/clock.ts';

/** How long a run must be seen to hold nothing but money before that is taken not to come back, in milliseconds. */
const STALLED_MS = 10_000;

/**
 * Which money set aside by other runs is not worth waiting for. A run that lives but has let its leases end may be stopped; or the whole
 * machine slept, and it renews them in a moment: so it is looked at again before it is believed. What it has set aside still counts.
 */
export class StalledMoney {
  readonly #clock: Clock;
  #seen = new Map<string, { since: number; usd: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By run, in US dollars: what did not come back so long that nobody waits for it. */
  get stuck(): ReadonlyMap<string, number> {
    const now = this.#clock.now();
    const old = [...this.#seen].filter(([, { since }]) => now - since >= STALLED_MS);
    return new Map(old.map(([run, { usd }]) => [run, usd]));
  }

  get stuckUsd(): number {
    return [...this.stuck.values()].reduce((sum, usd) => sum + usd, 0);
  }

  /** @param stalled as the store has just said. @returns the sum of what is stuck. */
  look(stalled: Readonly<Record<string, number>> = {}): number {
    const now = this.#clock.now();
    const seen = Object.entries(stalled).map(
      ([run, usd]) => [run, { since: this.#seen.get(run)?.since ?? now, usd }] as const,
    );
    this.#seen = new Map(seen);
    return this.stuckUsd;
  }
}
