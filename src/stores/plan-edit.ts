import { OrchError } from '../model/errors.ts';
import type { Task, TaskEdit } from '../model/task.ts';
import { edited } from '../model/transitions.ts';
import { soundEdit } from './check-task.ts';
import { checkDependency } from './plan-add.ts';
import { provesSomethingElse } from './refusals.ts';

/** What a result was given for, and proved by. */
const PROVED = ['description', 'criteria', 'check'] as const;

/** What a task waits for, by its id; undefined where there is no such task. */
type Find = (id: string) => { after?: readonly string[] | undefined } | undefined;

/**
 * What of an edit changes the task; nothing is changed yet. `after` names tasks that exist, and makes no circle.
 * @throws `usage`, `conflict`, `not-found`
 */
export function planEdit(task: Task, edit: TaskEdit, find: Find): TaskEdit {
  const sound = soundEdit(task.id, edit);
  const after = edited(task, sound, task.createdAt);
  const changes = Object.entries(sound).filter(([name]) => {
    const field = name as keyof TaskEdit;
    return JSON.stringify(task[field]) !== JSON.stringify(after[field]);
  });
  const changed = Object.fromEntries(changes) as TaskEdit;
  const proved = PROVED.find((field) => field in changed);
  if (task.status === 'completed' && proved) throw provesSomethingElse(task, proved);
  for (const dependency of changed.after ?? []) {
    checkDependency(task.id, dependency, find);
    const circle = wayTo(task.id, dependency, find);
    if (circle) throw inACircle(task.id, circle);
  }
  return changed;
}

/** From a task along what it waits for to another; undefined where that does not lead there. */
function wayTo(target: string, start: string, find: Find): string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[start, undefined]]);
  for (const [id] of cameFrom) {
    if (id === target) return wayBack(id, cameFrom);
    for (const next of find(id)?.after ?? []) if (!cameFrom.has(next)) cameFrom.set(next, id);
  }
  return undefined;
}

function wayBack(end: string, cameFrom: ReadonlyMap<string, string | undefined>): string[] {
  const ids: string[] = [];
  for (let id: string | undefined = end; id !== undefined; id = cameFrom.get(id)) ids.unshift(id);
  return ids;
}

function inACircle(id: string, ids: readonly string[]): OrchError {
  const circle = [id, ...ids].join(' -> ');
  return new OrchError('usage', `Task ${id} would wait for itself (${circle}); leave one of them out`);
}
