/** Empty places, for each that is not, before the table is made anew. */
const SLACK = 2;
const LEAST = 64;

/**
 * A map for what is in it for an instant, when a million may pass through. A Map that is deleted from as often as it is added to
 * grows new tables again and again, and V8 keeps each alive, with all that it held, until the next full collection of garbage: the table
 * before it points to it. So places are emptied here, and now and then the table is made anew.
 */
export class TransitMap<V extends object | boolean> {
  #places = new Map<string, V | undefined>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#places.get(key);
  }

  has(key: string): boolean {
    return this.#places.get(key) !== undefined;
  }

  set(key: string, value: V): void {
    if (!this.has(key)) this.#size++;
    this.#places.set(key, value);
    if (this.#places.size > SLACK * this.#size + LEAST) this.#makeAnew();
  }

  /** @returns whether it was there. */
  delete(key: string): boolean {
    if (!this.has(key)) return false;
    this.#size--;
    this.#places.set(key, undefined);
    return true;
  }

  *keys(): Generator<string> {
    for (const [key, value] of this.#places) if (value !== undefined) yield key;
  }

  *values(): Generator<V> {
    for (const value of this.#places.values()) if (value !== undefined) yield value;
  }

  /** As a loop over `values`, in half the time. */
  forEach(visit: (value: V) => void): void {
    for (const value of this.#places.values()) if (value !== undefined) visit(value);
  }

  #makeAnew(): void {
    const places = new Map<string, V | undefined>();
    this.#places.forEach((value, key) => {
      if (value !== undefined) places.set(key, value);
    });
    this.#places = places;
  }
}
