/** How often somebody who finds enough to do looks for what others left, and tells them what has ended, in milliseconds. */
const PACE_MS = 1000;

/** When this process last did what it does now and then, by the database's clock. */
export class Pace {
  #last = Number.NEGATIVE_INFINITY;
  #isOwed = false;

  isDue(now: number): boolean {
    return now - this.#last >= PACE_MS;
  }

  /** Whether there was a reason since that was let pass. */
  get isOwed(): boolean {
    return this.#isOwed;
  }

  done(now: number): void {
    this.#last = now;
    this.#isOwed = false;
  }

  owe(): void {
    this.#isOwed = true;
  }

  /** What was let pass has been made up for. */
  paid(): void {
    this.#isOwed = false;
  }

  /** There is a reason to do it at once. */
  due(): void {
    this.#last = Number.NEGATIVE_INFINITY;
  }
}
