/**
 * Puts off what a timer does by a turn of the event loop. When a process that was stopped goes on, what is overdue comes before the signal that
 * says so is heard; a turn later comes behind it.
 */
export class Turn {
  readonly #waiting = new Set<NodeJS.Immediate>();

  next(work: () => void): void {
    const immediate = setImmediate(() => {
      this.#waiting.delete(immediate);
      work();
    });
    this.#waiting.add(immediate);
  }

  /** Nothing of what waits is done any more. */
  cancel(): void {
    for (const immediate of this.#waiting) clearImmediate(immediate);
    this.#waiting.clear();
  }
}
