import type { BlindOperations } from './blind-operations.ts';
import type { TableOperations } from './table-operations.ts';

/** How a change is made. What is said of it beside `apply` matters only to a store that writes it down. */
export interface Work<T> {
  apply(operations: TableOperations): T;
  /** The same without knowing the tasks that are there, where that can be: they need not be read for it. */
  applyBlindly?: ((operations: BlindOperations) => T) | undefined;
  /** Its answer says that something is kept, also where nothing has to be written for it: another may have written it, unsynced yet. */
  confirms?: boolean;
  /** Nothing more is to be done before its caller knows. */
  holdsUp?: boolean;
}
