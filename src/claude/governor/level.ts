import { Division } from './division.ts';

/**
 * What is in a bucket: it fills at the rate of its limit, up to a cap, and calls take from it. Limit and cap are the server's; the level is of
 * this run's part of them. Before the limit is known it only counts. Times are milliseconds of one steady clock.
 */
export class Level {
  readonly #runs: () => number;
  readonly #division = new Division();
  #perMinute: number | undefined;
  #cap = 0;
  #value = 0;
  #filledAt = 0;
  #fullAt = Number.NEGATIVE_INFINITY;
  #corrected = 0;

  /** @param runs how many draw on the server's bucket, this one included. */
  constructor(runs: () => number) {
    this.#runs = runs;
  }

  /** The limit; undefined while it is not known. */
  get perMinute(): number | undefined {
    return this.#perMinute;
  }

  /** What comes into the server's bucket each millisecond. */
  get ratePerMs(): number {
    return (this.#perMinute ?? 0) / 60_000;
  }

  /** The most that was ever seen in the server's bucket. */
  get cap(): number {
    return this.#cap;
  }

  /** By what rate and cap are divided. */
  get divisor(): number {
    return this.#division.among(this.#runs());
  }

  /** Below 0 after a call that took more than there was. */
  get value(): number {
    return this.#value;
  }

  /** By how much it was corrected so far. */
  get corrected(): number {
    return this.#corrected;
  }

  /** When it was full last. */
  get fullAt(): number {
    return this.#fullAt;
  }

  /** Adds what has come in by now. */
  fill(now: number): void {
    const passed = now - this.#filledAt;
    this.#filledAt = now;
    const { divisor } = this;
    if (this.#perMinute === undefined) return;
    const level = this.#value + (passed * this.ratePerMs) / divisor;
    const most = this.#cap / divisor;
    if (level >= most) this.#fullAt = now;
    // What it had before others joined stays its own.
    this.#value = Math.max(Math.min(this.#value, this.#cap), Math.min(most, level));
  }

  take(amount: number): void {
    this.set(this.#value - amount);
  }

  /** It was found to be otherwise by so much. */
  correct(by: number): void {
    const before = this.#value;
    this.set(before + by);
    this.#corrected += this.#value - before;
  }

  /** It owes a minute's worth at most, so that no figure of an answer, however wrong, can hold calls back for long. */
  set(value: number): void {
    const deepest = this.#perMinute === undefined ? Number.NEGATIVE_INFINITY : -this.#perMinute;
    this.#value = Math.max(value, deepest);
  }

  /** A limit may be lowered at any time. */
  limit(perMinute: number): void {
    this.#perMinute = perMinute;
    this.#cap = Math.min(this.#cap, perMinute);
    this.set(this.#value);
  }

  /** The server's bucket holds at least so much. */
  raiseCap(atLeast: number): void {
    this.#cap = Math.min(this.#perMinute ?? 0, Math.max(this.#cap, atLeast));
  }

  /** An answer says that so much of the server's bucket was left. */
  seen(left: number, now: number): void {
    this.#division.seen(left / this.#cap, now);
  }

  /** There is no limit. */
  forget(): void {
    this.#perMinute = undefined;
    this.#cap = 0;
  }
}
