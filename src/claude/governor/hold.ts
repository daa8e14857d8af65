import { retryAfterMs } from '../retry-after.ts';

/**
 * Until when the API has asked to be left alone. What one answer asks for holds for all calls of its model; that of a 529 is for its own
 * task, and is not told here.
 */
export class Hold {
  #until = 0;

  /** Milliseconds from now; 0: it is over. */
  left(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** @param epochNow the time since the epoch, for a date in `retry-after`. */
  heed(headers: Headers, now: number, epochNow: number): void {
    this.#until = Math.max(this.#until, now + (retryAfterMs(headers, epochNow) ?? 0));
  }
}
