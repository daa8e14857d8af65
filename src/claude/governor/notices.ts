import type { Time } from './time.ts';

/** Shortest time between two notices, in milliseconds. */
const APART_MS = 250;

/** Tells listeners that something is different, at most four times a second; after the last change always. */
export class Notices {
  readonly #time: Time;
  readonly #listeners = new Set<() => void>();
  #isWaiting = false;

  constructor(time: Time) {
    this.#time = time;
  }

  /** @returns what ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  changed(): void {
    if (this.#isWaiting || this.#listeners.size === 0) return;
    this.#isWaiting = true;
    this.#time.after(APART_MS, () => {
      this.#isWaiting = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
