import { ALIVE_MS } from './runs.ts';

/** Who could not reach the database was hardly alone: so long, in milliseconds, all have to say that they live. */
const GRACE_MS = 15_000;

/** Runs of which nothing is taken over for a while: they may just not have come back yet. */
export interface Spared {
  /** Those that lived then, or later; milliseconds since the epoch, as all here by the database's clock. */
  since: number;
  until: number;
}

/** After an outage nobody takes over what others held: they are coming back. */
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
