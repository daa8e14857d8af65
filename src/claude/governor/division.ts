/** Milliseconds for which the bucket has to stay half full before the runs that do not draw on it are taken for idle. */
const PATIENCE_MS = 2_000;

/** What is left of the divisor then. */
const SMALLER = 0.8;

/**
 * By what a limit is divided among the runs that share it: their number, as long as they use it. While it stays half unused, this
 * run takes more, up to all of it: the others may be idle, or do their work without the API. As soon as less is left, it is
 * content with its part again: by the time an answer tells that, the others have used what was left for some seconds.
 */
export class Division {
  #runs = 1;
  #divisor = 1;
  #unusedSince: number | undefined;

  /** @param runs how many there are, this one included. */
  among(runs: number): number {
    if (runs !== this.#runs) {
      this.#runs = runs;
      this.#divisor = runs;
      this.#unusedSince = undefined;
    }
    return this.#divisor;
  }

  /** An answer says how much of the whole bucket was left, 0 to 1. */
  seen(left: number, now: number): void {
    if (left < 0.5) {
      this.#divisor = this.#runs;
      this.#unusedSince = undefined;
      return;
    }
    this.#unusedSince ??= now;
    if (now - this.#unusedSince < PATIENCE_MS) return;
    this.#unusedSince = now;
    this.#divisor = Math.max(1, this.#divisor * SMALLER);
  }
}
