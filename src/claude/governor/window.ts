/** What is left of it after a call that met an overload. */
const SMALLER = 0.98;

/**
 * How many calls may be under way at once: all that come, until the API says that it is overloaded or cannot be reached. One such
 * answer among many changes nothing that could be noticed; a rising share of them makes the window smaller, and each answer that
 * is good makes it larger again, by 1 in as many answers as it is wide. At 1 % it settles near 70, at 10 % near 20.
 */
export class Window {
  #size = 1;
  /** Most calls that were wanted at once. */
  #most = 1;

  get size(): number {
    return Math.max(1, Math.floor(this.#size));
  }

  /** So many calls are under way or waiting. */
  wanted(count: number): void {
    if (count <= this.#most) return;
    this.#size += count - this.#most;
    this.#most = count;
  }

  good(): void {
    this.#size = Math.min(this.#most, this.#size + 1 / this.#size);
  }

  overloaded(): void {
    this.#size = Math.max(1, this.#size * SMALLER);
  }
}
