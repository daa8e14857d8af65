import type { Time } from './time.ts';

/** Shortest time between two notices, in milliseconds. */
const APART_MS = 250;

/** Tells listeners that something is different, at most four times a second; after the last change always. */
export class Notices {
  readonly #time: Time;
  readonly #listeners = new Set<() => void>();
  #callOff: (() => void) | undefined;

  constructor(time: Time) {
    this.#time = time;
  }

  /** @returns what ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      // A timer that nobody waits for would keep the process from ending.
      this.#callOff?.();
      this.#callOff = undefined;
    };
  }

  changed(): void {
    if (this.#callOff || this.#listeners.size === 0) return;
    this.#callOff = this.#time.after(APART_MS, () => {
      this.#callOff = undefined;
      for (const listener of this.#listeners) listener();
    });
  }
}
