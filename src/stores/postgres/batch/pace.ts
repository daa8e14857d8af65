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
