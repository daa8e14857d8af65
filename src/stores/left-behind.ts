import type { Task } from '../model/task.ts';
import type { ClaimRequest } from '../ports/task-store.ts';
import { heldUntil } from './held.ts';
import type { Moment } from './moment.ts';
import type { TaskTable } from './task-table.ts';

/** The tasks in progress of others, as far as they matter to a claim. */
interface LeftBehind {
  /** Those that nobody holds any more: they may be taken over. */
  left: readonly Task[];
  /** How many are held. */
  held: number;
  /** When the first of those may be taken over, in milliseconds since the epoch. Infinite where none is held. */
  firstEnd: number;
}

const NOTHING: LeftBehind = { left: [], held: 0, firstEnd: Number.POSITIVE_INFINITY };

export function leftBehind(
  { run, leaseMs, only }: ClaimRequest,
  table: Pick<TaskTable, 'inProgress' | 'entry'>,
  moment: Moment,
): LeftBehind {
  // A run that claims lives: what it holds itself stays.
  if (table.inProgress().isAllOf(run)) return NOTHING;
  const left: Task[] = [];
  let held = 0;
  let firstEnd = Number.POSITIVE_INFINITY;
  let matters: ReadonlySet<string> | undefined;
  table.inProgress().forEach((task) => {
    if (task.lease?.run === run) return;
    matters ??= only && withDependencies(only, table);
    if (matters && !matters.has(task.id)) return;
    const end = heldUntil(task, leaseMs, moment);
    if (end <= moment.now) left.push(task);
    else {
      held++;
      firstEnd = Math.min(firstEnd, end);
    }
  });
  return { left, held, firstEnd };
}

/** These tasks and all that they wait for, directly or not. */
function withDependencies(ids: ReadonlySet<string>, table: Pick<TaskTable, 'entry'>): ReadonlySet<string> {
  const all = new Set(ids);
  for (const id of all) for (const dependency of table.entry(id)?.after ?? []) all.add(dependency);
  return all;
}
