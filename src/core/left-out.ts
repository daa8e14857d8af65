/** Most tasks that a run leaves out before it takes money itself for the reason: each costs it a claim. */
const MOST = 100;

/** Why a task is left out, and what would let it be done. */
export interface Leaving {
  reason: string;
  /** US dollars that have to be free for it. */
  usd: number;
  /** Only the cap of another run that lives is in the way: there is room again when that one has left. */
  waits: boolean;
}

/** The tasks that a run leaves to others, because a call for them does not fit into the budget, and why. */
export class LeftOut {
  readonly #tasks = new Map<string, Leaving>();
  readonly #ids = new Set<string>();

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  get isFull(): boolean {
    return this.#ids.size >= MOST;
  }

  /** Whether there will be room for one of them when another run has left. */
  get waits(): boolean {
    return [...this.#tasks.values()].some(({ waits }) => waits);
  }

  /** Of all of them; undefined where there is none. */
  get reason(): string | undefined {
    const [first] = this.#tasks.values();
    const others = this.#ids.size - 1;
    if (first === undefined || others === 0) return first?.reason;
    return `${first.reason}; ${others === 1 ? 'another task does' : `${others} other tasks do`} not fit either`;
  }

  add(id: string, leaving: Leaving): void {
    this.#ids.add(id);
    this.#tasks.set(id, leaving);
  }

  /** It was done after all, or may be. */
  takeBack(id: string): void {
    this.#ids.delete(id);
    this.#tasks.delete(id);
  }

  /** @returns whether there was room for any. */
  takeBackWhere(hasRoom: (leaving: Leaving) => boolean): boolean {
    const before = this.#ids.size;
    for (const [id, leaving] of this.#tasks) if (hasRoom(leaving)) this.takeBack(id);
    return this.#ids.size < before;
  }
}
