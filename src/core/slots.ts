/**
 * A fixed number of places to work in. A place that becomes free is handed to whoever has waited longest: it is
 * never up for grabs in between, so nobody who comes later can take it.
 */
export class Slots {
  #free: number;
  readonly #waiting: Array<(release: () => void) => void> = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves with what gives the place back; calling that again does nothing. */
  acquire(): Promise<() => void> {
    return new Promise((resolve) => {
      if (this.#free === 0) {
        this.#waiting.push(resolve);
        return;
      }
      this.#free--;
      resolve(this.#place());
    });
  }

  /** @returns what gives up a place that is held from now on. */
  #place(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiting.shift();
      if (next) next(this.#place());
      else this.#free++;
    };
  }
}
