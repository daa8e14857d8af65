import type { StoreLock } from './store-lock.ts';

/** What a cycle reads and writes. Both are called under the lock, and are synchronous. */
export interface Medium<State> {
  load(): State;
  /** Makes what was changed durable; nothing is done when nothing was. */
  save(state: State): void;
}

/** Does work again while it fails with what may pass. */
export type Retry = <T>(work: () => Promise<T>) => Promise<T>;

/** One change: what it does, and what its caller is told once the cycle is over. */
class Operation<State, T = unknown> {
  readonly answer = Promise.withResolvers<T>();
  readonly #change: (state: State) => T;
  #tell = (): void => {};
  #failed = false;

  constructor(change: (state: State) => T) {
    this.#change = change;
  }

  /** What throws has changed nothing, and is told as it is. */
  apply(state: State): void {
    try {
      const value = this.#change(state);
      this.#tell = () => this.answer.resolve(value);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The first failure is the one that is told. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#tell = () => this.answer.reject(error);
  }

  tell(): void {
    this.#tell();
  }
}

/**
 * Changes a store: lock, read again, apply, write, unlock. Operations that wait together share one cycle; each gets
 * its own answer, after the write.
 */
export class Cycle<State> {
  readonly #lock: StoreLock;
  readonly #medium: Medium<State>;
  readonly #retry: Retry;
  #waiting: Operation<State>[] = [];
  #going: Promise<void> | undefined;

  /** @param retry for a load that fails with what may pass; the store is not locked between the tries. */
  constructor(lock: StoreLock, medium: Medium<State>, retry: Retry) {
    this.#lock = lock;
    this.#medium = medium;
    this.#retry = retry;
  }

  submit<T>(change: (state: State) => T): Promise<T> {
    const operation = new Operation<State, T>(change);
    this.#waiting.push(operation as Operation<State, unknown>);
    this.#going ??= this.#go();
    return operation.answer.promise;
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
    let batch: Operation<State>[] = [];
    try {
      await this.#retry(() =>
        this.#locked(() => {
          const state = this.#medium.load();
          batch = this.#takeWaiting();
          for (const operation of batch) operation.apply(state);
          this.#medium.save(state);
        }),
      );
    } catch (error) {
      if (batch.length === 0) batch = this.#takeWaiting();
      for (const operation of batch) operation.fail(error);
    }
    for (const operation of batch) operation.tell();
  }

  async #locked(work: () => void): Promise<void> {
    await this.#lock.acquire();
    try {
      work();
    } finally {
      this.#lock.release();
    }
  }

  #takeWaiting(): Operation<State>[] {
    const batch = this.#waiting;
    this.#waiting = [];
    return batch;
  }
}
