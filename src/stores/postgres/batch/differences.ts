import type { Task } from '../../../model/task.ts';
import type { TaskRow } from '../tables/rows.ts';
import type { News } from './news.ts';
import type { WorkingSet } from './working-set.ts';

/** A task that was there and still is. */
export interface TaskChange {
  row: TaskRow;
  before: Task;
  after: Task;
}

/** What has become of a working set. */
export interface Differences {
  /** Tasks that were not there. */
  fresh: Task[];
  changes: TaskChange[];
  removed: TaskRow[];
}

export function differences({ table, rows, before, touched }: WorkingSet): Differences {
  const fresh: Task[] = [];
  const changes: TaskChange[] = [];
  const removed: TaskRow[] = [];
  for (const id of touched) {
    const row = rows.get(id);
    const old = before.get(id);
    const now = table.get(id);
    if (!row || !old) now && fresh.push(now);
    else if (now) changes.push({ row, before: old, after: now });
    else removed.push(row);
  }
  return { fresh, changes, removed };
}

/** Who has become completed, or no longer is: others come after it. */
export function isFlipped({ before, after }: TaskChange): boolean {
  return (before.status === 'completed') !== (after.status === 'completed');
}

/** What an ended task comes after may have been removed since, and come back. */
export function isRelinked({ before, after }: TaskChange): boolean {
  const isBack = after.status === 'pending' && (before.status === 'completed' || before.status === 'failed');
  return !isSameAfter(before, after) || (isBack && after.after !== undefined);
}

export function isSameAfter({ after: a }: Task, { after: b }: Task): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** @param freed the ids of tasks that are no longer blocked. */
export function newsOf({ fresh, changes, removed }: Differences, freed: readonly string[]): News {
  const pending = changes.filter(({ after }) => after.status === 'pending');
  return {
    runnable: [...fresh.map(({ id }) => id), ...pending.map(({ after }) => after.id), ...freed],
    settled: [...removed.map(({ id }) => id), ...changes.filter(isSettled).map(({ after }) => after.id)],
  };
}

function isSettled({ before, after }: TaskChange): boolean {
  const isBack = after.status === 'pending' && before.status !== 'in_progress';
  return before.status !== after.status && !isBack;
}
