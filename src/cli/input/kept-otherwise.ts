import { isDeepStrictEqual } from 'node:util';
import type { NewTask, Task } from '../../model/task.ts';

/** The ids of tasks that were there already, and have other fields than they were given now: they stay as they were. */
export function keptOtherwise(there: Iterable<{ given: NewTask; kept: Task }>): string[] {
  const ids = new Set<string>();
  for (const { given, kept } of there) if (!says(kept, given)) ids.add(kept.id);
  return [...ids];
}

function says(there: Task, given: NewTask): boolean {
  return Object.entries(given).every(([field, value]) => {
    const isNothing = value === undefined || (Array.isArray(value) && value.length === 0);
    return isDeepStrictEqual(there[field as keyof NewTask], isNothing ? undefined : value);
  });
}
