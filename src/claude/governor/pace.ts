/** Of the calls that were sent lately, the part that is sent from now on. */
const SLOWER = 0.75;

/** Milliseconds within which it is not lowered twice: calls under way fail together. */
const ONCE_IN_MS = 1_000;

/** It grows by a hundredth a second, and is gone when it has grown so many times, after about four minutes. */
const GROWTH_A_SECOND = 1.01;
const GONE_AT = 10;

/** Calls a second: it is never lower. */
const SLOWEST = 0.1;

/** Milliseconds over which calls are counted; and the least that counts as a time to count in. */
const MEMORY_MS = 10_000;
const LEAST_MS = 1_000;

/** Milliseconds that a timer may come late without costing anything. */
const LATE_MS = 100;

/**
 * A ceiling on calls a second, for when the API says "not so fast" and its limits do not explain it: use that grows too fast
 * (`ramp_limit_exceeded`), others who draw on the same limit, or a limit that it does not tell. There is none until then.
 */
export class Pace {
  #ceiling: number | undefined;
  #loweredAt = 0;
  #nextAt = 0;
  /** Calls within the memory, fading with age. */
  #recent = 0;
  #lastAt = 0;
  #firstAt: number | undefined;

  /** Milliseconds until the next call may be sent. */
  wait(now: number): number {
    return this.#current(now) === undefined ? 0 : Math.max(0, this.#nextAt - now);
  }

  sent(now: number): void {
    this.#firstAt ??= now;
    this.#recent = this.#remembered(now) + 1;
    this.#lastAt = now;
    const ceiling = this.#current(now);
    if (ceiling !== undefined) this.#nextAt = Math.max(this.#nextAt, now - LATE_MS) + 1000 / ceiling;
  }

  slowDown(now: number): void {
    const ceiling = this.#current(now);
    if (ceiling !== undefined && now - this.#loweredAt < ONCE_IN_MS) return;
    const lowered = Math.min(ceiling ?? Number.POSITIVE_INFINITY, this.#sentASecond(now)) * SLOWER;
    this.#ceiling = Math.max(SLOWEST, lowered);
    this.#loweredAt = now;
    this.#nextAt = now + 1000 / this.#ceiling;
  }

  #current(now: number): number | undefined {
    if (this.#ceiling === undefined) return undefined;
    const growth = GROWTH_A_SECOND ** ((now - this.#loweredAt) / 1000);
    if (growth > GONE_AT) this.#ceiling = undefined;
    return this.#ceiling && this.#ceiling * growth;
  }

  #remembered(now: number): number {
    return this.#recent * Math.exp((this.#lastAt - now) / MEMORY_MS);
  }

  #sentASecond(now: number): number {
    const counting = Math.max(LEAST_MS, now - (this.#firstAt ?? now));
    const memory = MEMORY_MS * (1 - Math.exp(-counting / MEMORY_MS));
    return (this.#remembered(now) / memory) * 1000;
  }
}
