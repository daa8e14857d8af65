import { messageOf } from '../../model/errors.ts';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Violation } from './violation.ts';

/** What is read of a store in the end. That it cannot be read is a violation. */
export async function inspected(
  violations: Violation[],
  read: () => Promise<Task[]>,
): Promise<Task[] | undefined> {
  try {
    return await read();
  } catch (error) {
    violations.push({ rule: 'store', message: `The store cannot be read in the end: ${messageOf(error)}` });
    return undefined;
  }
}

/** Closes the store. */
export async function lastTasks(store: TaskStore): Promise<Task[]> {
  const tasks: Task[] = [];
  for await (const task of store.list()) tasks.push(task);
  await store.close();
  return tasks;
}
