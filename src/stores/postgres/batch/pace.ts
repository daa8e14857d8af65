/** How often somebody who finds enough to do looks for what others left, and tells them what has ended, in milliseconds. */
const PACE_MS = 1000;

/** When this process last did what it does now and then, by the database's clock. */
export class Pace {
  #last = Number.NEGATIVE_INFINITY;
  readonly #owed = new Set<string>();

  /** After a failover the clock may be behind. */
  isDue(now: number): boolean {
    return Math.abs(now - this.#last) >= PACE_MS;
  }

  done(now: number): void {
    this.#last = now;
  }

  /** These tasks were a reason to do it, which was let pass. */
  owe(tasks: readonly string[]): void {
    for (const task of tasks) this.#owed.add(task);
  }

  /** The tasks that were let pass, for whoever makes up for them. */
  get owed(): readonly string[] {
    return [...this.#owed];
  }

  paid(): void {
    this.#owed.clear();
  }

  /** There is a reason to do it at once. */
  due(): void {
    this.#last = Number.NEGATIVE_INFINITY;
  }
}
