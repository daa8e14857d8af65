import type { BlindOperations } from '../blind-operations.ts';
import type { TableOperations } from '../table-operations.ts';
import type { Work } from '../work.ts';
import { Request } from './request.ts';

/** One change, which may be made together with others. */
export class Change<T = unknown> extends Request<T> {
  readonly #work: Work<T>;

  constructor(work: Work<T>) {
    super(work.confirms ?? false);
    this.#work = work;
  }

  override get isBlind(): boolean {
    return this.#work.applyBlindly !== undefined;
  }

  override get holdsUp(): boolean {
    return this.#work.holdsUp ?? false;
  }

  /** What throws has changed nothing, and is told as it is. */
  apply(operations: TableOperations): void {
    try {
      this.value = this.#work.apply(operations);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Likewise. To be called only where it can be. */
  applyBlindly(operations: BlindOperations): void {
    try {
      this.value = this.#work.applyBlindly?.(operations);
    } catch (error) {
      this.fail(error);
    }
  }
}
