import { ALIVE_MS } from './runs.ts';

/** Who could not reach the database was hardly alone: so long, in milliseconds, all have to say that they live. */
const GRACE_MS = 15_000;

/** Runs of which nothing is taken over for a while: they may just not have come back yet. Times are milliseconds since the epoch, by the database's clock. */
export interface Spared {
  /** Those that lived then, or later; absent: none by that. */
  since?: number;
  /** Those that were heard of last before the server was started, and that have not given it up since. */
  beforeStart: boolean;
  until: number;
}

/**
 * After an outage nobody takes over what others held: they are coming back. Who was there knows of it by himself; who has come since knows it
 * by runs that were not heard of after the server was started.
 */
export class Grace {
  #lostAt: number | undefined;
  #lost: Spared | undefined;
  #first: Spared | undefined;

  /** @param lostAt when this process lost the database itself. */
  spared(lostAt: number | undefined, now: number): Spared | undefined {
    this.#first ??= { beforeStart: true, until: now + GRACE_MS };
    // It was noticed some time after it was so.
    if (lostAt !== undefined && lostAt !== this.#lostAt)
      this.#lost = { since: lostAt - ALIVE_MS, beforeStart: true, until: now + GRACE_MS };
    this.#lostAt = lostAt;
    return [this.#lost, this.#first].find((spared) => spared && now < spared.until);
  }
}
