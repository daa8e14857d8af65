import { isDeepStrictEqual } from 'node:util';
import type { NewTask, Task } from '../../model/task.ts';

/**
 * The ids of tasks that were there already, and have other fields than they were given now: they stay as they were.
 * @param kept what the store answered, in the same order.
 */
export function keptOtherwise(given: readonly NewTask[], kept: readonly Task[]): string[] {
  const ids = given.flatMap((task, i) => {
    const there = kept[i];
    // An automatic id is that of a new task.
    return there && task.id !== undefined && !says(there, task) ? [there.id] : [];
  });
  return [...new Set(ids)];
}

function says(there: Task, given: NewTask): boolean {
  return Object.entries(given).every(([field, value]) => {
    const isNothing = value === undefined || (Array.isArray(value) && value.length === 0);
    return isDeepStrictEqual(there[field as keyof NewTask], isNothing ? undefined : value);
  });
}
