import type { Task } from '../model/task.ts';
import { created } from '../model/transitions.ts';
import { taskOf } from './entry.ts';
import type { AddPlan } from './plan-add.ts';
import type { TableRecord } from './record.ts';
import type { ListedTasks } from './wanted.ts';

/** What `add` did: the tasks as they stand, in the order given, and the indexes of those that were there already, or were given before. */
export interface AddedTasks {
  tasks: Task[];
  there: number[];
}

/** @param keep takes the record of each new task, with the task. */
export function applyPlan(
  { length, idOf, there }: AddPlan,
  wanted: ListedTasks,
  at: string,
  keep: (record: TableRecord, task: Task) => void,
): AddedTasks {
  const tasks: Task[] = [];
  for (let index = 0; index < length; index++) {
    const same = there.get(index);
    if (same !== undefined) {
      tasks.push(typeof same === 'number' ? tasks[same]! : taskOf(same));
      continue;
    }
    const task = wanted.sound(index);
    const fresh = created(task, idOf(index), at);
    tasks.push(fresh);
    keep({ op: 'add', at, task }, fresh);
  }
  return { tasks, there: [...there.keys()] };
}
