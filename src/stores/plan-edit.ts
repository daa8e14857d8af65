import { findCircle } from '../model/circle.ts';
import type { Task, TaskEdit } from '../model/task.ts';
import { edited } from '../model/transitions.ts';
import { soundEdit } from './check-task.ts';
import { checkDependency } from './plan-add.ts';
import { inACircle, provesSomethingElse } from './refusals.ts';

/** What a result was given for, and proved by. */
const PROVED = ['description', 'criteria', 'check', 'expect', 'schema'] as const;

/** What a task waits for, by its id; undefined where there is no such task. */
type Find = (id: string) => { after?: readonly string[] | undefined } | undefined;

/**
 * What of an edit changes the task; nothing is changed yet. `after` names tasks that exist, and makes no circle. A check that is
 * changed loses its seal, unless the edit has another; with another description `filledFields` go.
 * @throws `usage`, `conflict`, `not-found`
 */
export function planEdit(task: Task, edit: TaskEdit, find: Find): TaskEdit {
  const sound = soundEdit(task.id, withoutOldMarks(edit));
  const after = edited(task, sound, task.createdAt);
  const changes = Object.entries(sound).filter(([name]) => {
    const field = name as keyof TaskEdit;
    return JSON.stringify(task[field]) !== JSON.stringify(after[field]);
  });
  const changed = Object.fromEntries(changes) as TaskEdit;
  const proved = PROVED.find((field) => field in changed);
  if (task.status === 'completed' && proved) throw provesSomethingElse(task, proved);
  for (const dependency of changed.after ?? []) checkDependency(task.id, dependency, find);
  const circle = changed.after && findCircle([task.id], afterOnceEdited);
  if (circle) throw inACircle(circle);
  return changed;

  function afterOnceEdited(id: string): Iterable<string> {
    return (id === task.id ? changed : find(id))?.after ?? [];
  }
}

/** Whoever writes a description says all of it, so that nothing in it is of a row. */
function withoutOldMarks(edit: TaskEdit): TaskEdit {
  return {
    ...edit,
    ...(edit.check !== undefined && edit.seal === undefined && { seal: null }),
    ...(edit.description !== undefined && edit.filledFields === undefined && { filledFields: null }),
  };
}
