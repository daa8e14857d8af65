import type { StoreLock } from './store-lock.ts';

/** What a cycle reads and writes. Both are called under the lock, and are synchronous. */
export interface Medium<State> {
  load(): State;
  /** Makes what was changed durable; nothing is done when nothing was. */
  save(state: State): void;
}

interface Operation<State> {
  /** Does it, and gives what tells the caller. What throws has changed nothing, and is told as it is. */
  apply(state: State): Telling;
  reject(error: unknown): void;
}

interface Telling {
  failed: boolean;
  tell(): void;
}

/**
 * Changes a store: lock, read again, apply, write, unlock. Operations that wait together share one cycle; each gets
 * its own answer, after the write.
 */
export class Cycle<State> {
  readonly #lock: StoreLock;
  readonly #medium: Medium<State>;
  #waiting: Operation<State>[] = [];
  #going: Promise<void> | undefined;

  constructor(lock: StoreLock, medium: Medium<State>) {
    this.#lock = lock;
    this.#medium = medium;
  }

  submit<T>(operation: (state: State) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const apply = (state: State): Telling => {
      try {
        const answer = operation(state);
        return { failed: false, tell: () => resolve(answer) };
      } catch (error) {
        return { failed: true, tell: () => reject(error) };
      }
    };
    this.#waiting.push({ apply, reject });
    this.#going ??= this.#go();
    return promise;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#going;
  }

  async #go(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Not a microtask: what a caller starts in the same turn belongs to the same batch.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#once();
    }
    this.#going = undefined;
  }

  async #once(): Promise<void> {
    try {
      await this.#lock.acquire();
    } catch (error) {
      for (const operation of this.#take()) operation.reject(error);
      return;
    }
    const batch = this.#take();
    let tellings: Telling[];
    try {
      tellings = this.#transact(batch);
    } finally {
      this.#lock.release();
    }
    for (const { tell } of tellings) tell();
  }

  #transact(batch: Operation<State>[]): Telling[] {
    const rejectAll = (error: unknown): Telling[] =>
      batch.map(({ reject }) => ({ failed: true, tell: () => reject(error) }));
    let state: State;
    try {
      state = this.#medium.load();
    } catch (error) {
      return rejectAll(error);
    }
    const tellings = batch.map((operation) => operation.apply(state));
    try {
      this.#medium.save(state);
      return tellings;
    } catch (error) {
      const unsaved = rejectAll(error);
      return tellings.map((telling, i) => (telling.failed ? telling : (unsaved[i] ?? telling)));
    }
  }

  #take(): Operation<State>[] {
    const batch = this.#waiting;
    this.#waiting = [];
    return batch;
  }
}
