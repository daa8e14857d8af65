/** Answers in a row that have to agree. */
const ENOUGH = 5;

/** What several observations of an error agree on: their sign, and the least of their sizes. */
export class Agreement {
  #least = 0;
  #count = 0;

  /** @returns what is agreed on with this one; then the next begin anew. Undefined: nothing yet. */
  of(error: number): number | undefined {
    const agrees = error !== 0 && Math.sign(error) === Math.sign(this.#least);
    this.#count = agrees ? this.#count + 1 : 1;
    this.#least = agrees && Math.abs(this.#least) < Math.abs(error) ? this.#least : error;
    if (this.#count < ENOUGH || this.#least === 0) return undefined;
    const agreed = this.#least;
    this.#count = 0;
    this.#least = 0;
    return agreed;
  }
}
