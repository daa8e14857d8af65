import type { Told } from './told.ts';

/** No two calls for what makes work come closer together than this, in milliseconds. */
const QUICK_MS = 100;

/**
 * What nobody can begin with matters to those who wait for an end, or for room; in a fleet it is told many times a second. So long it waits for more of
 * it, in milliseconds, and up to a quarter more by chance.
 */
const SLOW_MS = 1000;

const QUICK: ReadonlySet<string> = new Set<Told>(['runnable', 'runs']);
const SLOW: ReadonlySet<string> = new Set<Told>(['settled', 'money']);

/** Makes few calls of what is told to a whole fleet: an idle runner asks the database after each. */
export class Wakes {
  readonly #wake: () => void;
  /** Runs for a while after a call. */
  #rest: NodeJS.Timeout | undefined;
  /** There was more meanwhile. */
  #isOwed = false;
  #slow: NodeJS.Timeout | undefined;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** @param payload '': something may have been missed. */
  hear(payload: string): void {
    if (SLOW.has(payload)) this.#slow ??= later(SLOW_MS * (1 + Math.random() / 4), () => this.#call());
    else if (this.#rest && QUICK.has(payload)) this.#isOwed = true;
    else this.#call();
  }

  clear(): void {
    clearTimeout(this.#rest);
    clearTimeout(this.#slow);
  }

  #call(): void {
    this.clear();
    this.#slow = undefined;
    this.#isOwed = false;
    this.#rest = later(QUICK_MS, () => {
      this.#rest = undefined;
      if (this.#isOwed) this.#call();
    });
    this.#wake();
  }
}

function later(ms: number, action: () => void): NodeJS.Timeout {
  return setTimeout(action, ms).unref();
}
