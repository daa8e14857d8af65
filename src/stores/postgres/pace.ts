import { ALIVE_MS } from './runs.ts';

/** How often somebody who finds enough to do looks for what others left, and tells them what has ended, in milliseconds. */
const PACE_MS = 1000;

/** When this process last did what it does now and then, by the database's clock. */
export class Pace {
  #last = Number.NEGATIVE_INFINITY;

  isDue(now: number): boolean {
    return now - this.#last >= PACE_MS;
  }

  done(now: number): void {
    this.#last = now;
  }

  /** There is a reason to do it at once. */
  due(): void {
    this.#last = Number.NEGATIVE_INFINITY;
  }
}

/** Who could not reach the database was hardly alone: so long, in milliseconds, all have to say that they live. */
const GRACE_MS = 15_000;

/** Runs of which nothing is taken over for a while: they may just not have come back yet. */
export interface Spared {
  /** Those that lived then, or later; milliseconds since the epoch, as all here by the database's clock. */
  since: number;
  until: number;
}

export class Grace {
  #lostAt: number | undefined;
  #spared: Spared | undefined;

  /** @param lostAt when this process lost the database itself. */
  spared(lostAt: number | undefined, now: number): Spared | undefined {
    // It was noticed some time after it was so.
    if (lostAt !== undefined && lostAt !== this.#lostAt)
      this.#spared = { since: lostAt - ALIVE_MS, until: now + GRACE_MS };
    this.#lostAt = lostAt;
    return this.#spared && now < this.#spared.until ? this.#spared : undefined;
  }
}
