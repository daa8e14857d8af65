import type { Task } from '../model/task.ts';
import { noSuchTask } from './refusals.ts';
import type { TaskTable } from './task-table.ts';

/** The tasks with these ids; one that is named twice stands there once. @throws `not-found` */
export function namedTasks(ids: Iterable<string>, table: Pick<TaskTable, 'get'>): Task[] {
  return [...new Set(ids)].map((id) => {
    const task = table.get(id);
    if (!task) throw noSuchTask(id);
    return task;
  });
}
