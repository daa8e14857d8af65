import type { BlindOperations } from '../blind-operations.ts';
import type { TableOperations } from '../table-operations.ts';
import type { Work } from '../work.ts';

/** One change, and what its caller is told once it is kept. */
export class Change<T = unknown> {
  readonly answer = Promise.withResolvers<T>();
  /** Whether its caller is told only when it is on the disk. */
  awaitsSync: boolean;
  readonly #work: Work<T>;
  #value: T | undefined;
  #failure: { error: unknown } | undefined;

  constructor(work: Work<T>) {
    this.#work = work;
    this.awaitsSync = work.confirms ?? false;
  }

  get isBlind(): boolean {
    return this.#work.applyBlindly !== undefined;
  }

  get holdsUp(): boolean {
    return this.#work.holdsUp ?? false;
  }

  /** What throws has changed nothing, and is told as it is. */
  apply(operations: TableOperations): void {
    try {
      this.#value = this.#work.apply(operations);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Likewise. To be called only where it can be. */
  applyBlindly(operations: BlindOperations): void {
    try {
      this.#value = this.#work.applyBlindly?.(operations);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The first failure is the one that is told. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  tell(): void {
    if (this.#failure) this.answer.reject(this.#failure.error);
    else this.answer.resolve(this.#value as T);
  }
}
