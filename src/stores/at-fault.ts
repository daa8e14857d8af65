import { isOrchError, OrchError } from '../model/errors.ts';

/** Looks at one of the tasks that were given: what is wrong with it is said to be of this one. @param index of the task. */
export function atFault<T>(index: number, look: () => T): T {
  try {
    return look();
  } catch (error) {
    // A store that cannot be used is no task's fault.
    if (!isOrchError(error) || error.code === 'store-unusable') throw error;
    throw new OrchError(error.code, error.message, { cause: error.cause, index });
  }
}
