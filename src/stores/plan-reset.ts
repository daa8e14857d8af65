import type { Task } from '../model/task.ts';
import type { ResetSelection } from '../ports/task-store.ts';
import { type Entry, taskOf } from './entry.ts';
import { isHeld } from './held.ts';
import type { Moment } from './moment.ts';
import { namedTasks } from './named-tasks.ts';
import { heldByRun } from './refusals.ts';
import type { TaskTable } from './task-table.ts';

/**
 * The tasks that a reset changes; nothing is changed yet.
 * @throws `not-found`; `conflict`: a live run holds one of those that were selected.
 */
export function planReset(
  selection: ResetSelection,
  table: Pick<TaskTable, 'get' | 'entries'>,
  moment: Moment,
): Task[] {
  const selected = select(selection, table, moment);
  for (const task of selected) if (isHeld(task, moment)) throw heldByRun(task);
  return selected.filter((task) => !isClean(task));
}

function select(
  selection: ResetSelection,
  table: Pick<TaskTable, 'get' | 'entries'>,
  moment: Moment,
): Task[] {
  if (typeof selection === 'object') return namedTasks(selection.ids, table);
  const all = [...table.entries()];
  if (selection === 'all') return all.map(taskOf);
  const isLeft = (entry: Entry) => entry.status === 'in_progress' && !isHeld(taskOf(entry), moment);
  return all.filter((entry) => entry.status === 'failed' || isLeft(entry)).map(taskOf);
}

/** As it was added: a reset would change nothing. */
function isClean(task: Task): boolean {
  return task.status === 'pending' && task.attempts === 0 && task.startedAt === undefined;
}
