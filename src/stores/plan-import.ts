import { isDeepStrictEqual } from 'node:util';
import { findCircle } from '../model/circle.ts';
import { OrchError } from '../model/errors.ts';
import type { Task } from '../model/task.ts';
import { unclaimed } from '../model/transitions.ts';
import { atFault } from './at-fault.ts';
import { soundTask } from './check-task.ts';
import { type Entry, taskOf } from './entry.ts';
import { inACircle } from './refusals.ts';

/**
 * What an import comes to, before anything is changed.
 * @param entry what is there. @returns the tasks that are new, as they are to be kept.
 * @throws `usage`, `conflict`, `not-found`, with the `index` of the task at fault
 */
export function planImport(tasks: Task[], entry: (id: string) => Entry | undefined): Task[] {
  const fresh = new Map<string, Task>();
  for (const [index, given] of tasks.entries()) {
    const task = atFault(index, () => unclaimed(soundTask(given)));
    const there = fresh.get(task.id) ?? entry(task.id);
    if (there) atFault(index, () => checkSame(task, there));
    else fresh.set(task.id, task);
  }
  const known = (id: string) => fresh.get(id) ?? entry(id);
  for (const [index, { id }] of tasks.entries()) {
    const task = fresh.get(id);
    if (task) atFault(index, () => checkDependencies(task, known));
  }
  const circle = findCircle(fresh.keys(), (id) => known(id)?.after ?? []);
  if (circle) throw inACircle(circle, tasks);
  return [...fresh.values()];
}

/** What a task that is completed came after may have been removed since. */
function checkDependencies({ id, status, after = [] }: Task, known: (id: string) => unknown): void {
  const missing = status === 'completed' ? undefined : after.find((each) => !known(each));
  if (missing === undefined) return;
  const message = `Task ${id} comes after ${missing}, which is neither in the store nor among these; add that one too`;
  throw new OrchError('not-found', message);
}

function checkSame(task: Task, there: Entry): void {
  if (isDeepStrictEqual(unclaimed(taskOf(there)), task)) return;
  const { id } = task;
  const message = `Task ${id} is in the store already, with another content; remove that one first, or leave this one out`;
  throw new OrchError('conflict', message);
}
