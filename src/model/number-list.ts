/** Numbers in one piece. */
const PIECE = 16 * 1024;

/** A list of numbers that only grows, by pieces: one array would be copied again and again, and what is left of it is garbage for long. */
export class NumberList {
  readonly #pieces: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    const place = this.#length % PIECE;
    if (place === 0) this.#pieces.push(new Float64Array(PIECE));
    this.#pieces.at(-1)![place] = number;
    this.#length++;
  }

  /** @returns undefined behind its end. */
  at(index: number): number | undefined {
    return index < this.#length ? this.#pieces[Math.floor(index / PIECE)]?.[index % PIECE] : undefined;
  }
}
