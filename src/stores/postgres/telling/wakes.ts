import type { HowSoon } from './how-soon.ts';

/** Makes few calls of what is told to a whole fleet. */
export class Wakes {
  readonly #wake: () => void;
  #last = Number.NEGATIVE_INFINITY;
  /** When the next call is due. */
  #dueAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** A call that comes sooner will do. */
  call({ afterMs, restMs }: HowSoon): void {
    const now = performance.now();
    const at = Math.max(now + afterMs, this.#last + restMs);
    if (at <= now) this.#call();
    else if (at < this.#dueAt) {
      clearTimeout(this.#timer);
      this.#dueAt = at;
      this.#timer = setTimeout(() => this.#call(), at - now).unref();
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #call(): void {
    this.clear();
    this.#last = performance.now();
    this.#wake();
  }
}
