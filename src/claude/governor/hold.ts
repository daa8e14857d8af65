import { isWait, retryAfterMs } from '../retry-after.ts';

/**
 * Until when the API has asked to be left alone. What one answer asks for holds for all calls of its model, in other runs too; that of a
 * 529 is for its own task, and is not told here.
 */
export class Hold {
  /** By an answer of this run; and by one of another. Apart, since runs that tell each other what they have heard would never forget it. */
  #told = 0;
  #heard = 0;

  /** Milliseconds from now; 0: it is over. */
  left(now: number): number {
    return Math.max(0, this.#told - now, this.#heard - now);
  }

  /** The same, of what an answer of this run asked for. */
  toldLeft(now: number): number {
    return Math.max(0, this.#told - now);
  }

  /** @param epochNow the time since the epoch, for a date in `retry-after`. */
  tell(headers: Headers, now: number, epochNow: number): void {
    this.#told = Math.max(this.#told, now + (retryAfterMs(headers, epochNow) ?? 0));
  }

  /** Another run was asked. @param ms what is left of it; whatever is no such time is ignored. */
  hear(ms: number, now: number): void {
    if (isWait(ms)) this.#heard = Math.max(this.#heard, now + ms);
  }
}
