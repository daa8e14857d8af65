/** After so many times a statement is expected again. Most are said once or twice by a command, and need not be kept. */
const OFTEN = 3;

/** Each takes the server some memory for as long as the connection lasts. */
const MOST = 50;

/** How long a plan holds that was made for tables as large as they were then, in milliseconds. */
const FRESH_MS = 10_000;

/** Statements with a number in their text have many texts; what is counted of them is bounded too. */
const MOST_COUNTED = 1000;

/** Which statements of a connection the server keeps parsed and planned, under a name: batches of fifty take a tenth less time. */
export class Prepared {
  readonly #counts = new Map<string, number>();
  readonly #names = new Map<string, string>();
  #count = 0;
  #plannedAt = performance.now();

  /** The name under which a statement is to be sent; undefined where it is not to be kept. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size === MOST) return known;
    const count = (this.#counts.get(text) ?? 0) + 1;
    if (this.#counts.size === MOST_COUNTED) this.#counts.clear();
    this.#counts.set(text, count);
    if (count < OFTEN) return undefined;
    const name = `orch_${++this.#count}`;
    this.#names.set(text, name);
    return name;
  }

  /** What is to be said with the next BEGIN, so that statements are planned anew now and then: a plan for few tasks goes through whole tables. */
  renewal(): string {
    if (this.#names.size === 0 || performance.now() - this.#plannedAt < FRESH_MS) return '';
    this.#plannedAt = performance.now();
    return '; DISCARD PLANS';
  }

  /** They are prepared again, under other names. */
  forget(): void {
    this.#names.clear();
  }
}
