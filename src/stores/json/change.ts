import type { BlindOperations } from '../blind-operations.ts';
import type { TableOperations } from '../table-operations.ts';

/** How a change is made. */
export interface Work<T> {
  apply(operations: TableOperations): T;
  /** The same without knowing the tasks that are there, where that can be: they need not be read for it. */
  applyBlindly?: ((operations: BlindOperations) => T) | undefined;
  /** Its answer says that something is kept, also where nothing has to be written for it: another may have written it, unsynced yet. */
  confirms?: boolean;
}

/** One change, and what its caller is told once it is kept. */
export class Change<T = unknown> {
  readonly answer = Promise.withResolvers<T>();
  readonly #work: Work<T>;
  #tell = (): void => {};
  #failed = false;

  constructor(work: Work<T>) {
    this.#work = work;
  }

  get isBlind(): boolean {
    return this.#work.applyBlindly !== undefined;
  }

  get confirms(): boolean {
    return this.#work.confirms ?? false;
  }

  /** What throws has changed nothing, and is told as it is. */
  apply(operations: TableOperations): void {
    this.#try(() => this.#work.apply(operations));
  }

  /** Likewise. To be called only where it can be. */
  applyBlindly(operations: BlindOperations): void {
    this.#try(() => this.#work.applyBlindly?.(operations) as T);
  }

  #try(work: () => T): void {
    try {
      const value = work();
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
