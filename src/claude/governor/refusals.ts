/** Calls over which refusals are counted, older ones fading; and how many of them are too many. */
const MEMORY = 200;
const TOO_MANY = 3;

/**
 * Tells refusals that come of a mirror's small errors, one in a hundred calls at most, from those that keep coming: others draw on
 * the same limit, or the API keeps one that it does not tell. Calls that were under way together are refused together, and count once.
 */
export class Refusals {
  #count = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** A call was not refused. */
  passed(): void {
    this.#count *= 1 - 1 / MEMORY;
  }

  /** A call that was sent at `sentAt` was. @returns whether there are too many now. */
  refused(sentAt: number, now: number): boolean {
    if (sentAt <= this.#lastAt) return false;
    this.#lastAt = now;
    this.#count += 1;
    return this.#count > TOO_MANY;
  }
}
