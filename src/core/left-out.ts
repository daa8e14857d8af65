/** Most tasks that a run leaves out before it takes money itself for the reason: each costs it a claim. */
const MOST = 100;

/** The tasks that a run leaves to others, because a call for them does not fit into the budget, and why. */
export class LeftOut {
  readonly #reasons = new Map<string, string>();
  readonly #ids = new Set<string>();

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  get isFull(): boolean {
    return this.#ids.size >= MOST;
  }

  /** Of all of them; undefined where there is none. */
  get reason(): string | undefined {
    const [first] = this.#reasons.values();
    const others = this.#ids.size - 1;
    if (first === undefined || others === 0) return first;
    return `${first}; ${others === 1 ? 'another task does' : `${others} other tasks do`} not fit either`;
  }

  add(id: string, reason: string): void {
    this.#ids.add(id);
    this.#reasons.set(id, reason);
  }

  /** It was done after all. */
  takeBack(id: string): void {
    this.#ids.delete(id);
    this.#reasons.delete(id);
  }
}
