/** Who wants to be told of changes. */
export class Listeners {
  readonly #all = new Set<() => void>();

  get size(): number {
    return this.#all.size;
  }

  /** @returns what ends it. */
  add(listener: () => void): () => void {
    // Wrapped, so that the same function given twice ends twice.
    const own = () => listener();
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  tell(): void {
    for (const listener of this.#all) listener();
  }

  clear(): void {
    this.#all.clear();
  }
}
