import { OrchError } from '../model/errors.ts';
import type { NewTask, Task } from '../model/task.ts';
import { created } from '../model/transitions.ts';
import { checkTask } from './check-task.ts';
import { automaticId, checkId, numberAfter } from './task-ids.ts';

/** What an `add` comes to, before anything is changed. */
export interface AddPlan {
  /** One for each that was asked for, in that order: a new task, or the one that is there already. */
  answer: Task[];
  /** Those that are new, by id. */
  fresh: Map<string, Task>;
  nextId: number;
}

/**
 * Own ids are set aside first, so that no automatic id of the same batch takes one. `after` names tasks that exist,
 * or that come earlier in the batch: so there can be no cycle.
 * @throws `usage`, `conflict`, `not-found`
 */
export function planAdd(
  tasks: NewTask[],
  find: (id: string) => Task | undefined,
  nextId: number,
  at: string,
): AddPlan {
  const plan: AddPlan = { answer: [], fresh: new Map(), nextId };
  for (const { id } of tasks) {
    if (id === undefined) continue;
    checkId(id);
    plan.nextId = Math.max(plan.nextId, numberAfter(id));
  }
  const known = (id: string) => plan.fresh.get(id) ?? find(id);
  for (const task of tasks) {
    const id = task.id ?? automaticId(plan.nextId++);
    const same = known(id);
    if (same) {
      checkSame(task, same);
      plan.answer.push(same);
      continue;
    }
    const fresh = created(task, id, at);
    checkTask(fresh);
    for (const dependency of fresh.after ?? []) checkDependency(id, dependency, known);
    plan.fresh.set(id, fresh);
    plan.answer.push(fresh);
  }
  return plan;
}

function checkSame(task: NewTask, there: Task): void {
  if (task.description === there.description) return;
  const message = `The id ${there.id} is taken by another task; choose another id, or remove that task first`;
  throw new OrchError('conflict', message);
}

function checkDependency(id: string, dependency: string, known: (id: string) => Task | undefined): void {
  if (dependency === id) throw new OrchError('usage', `Task ${id} cannot come after itself; leave that out`);
  if (known(dependency)) return;
  const message = `There is no task ${dependency} for ${id} to come after; add it first, or correct the id`;
  throw new OrchError('not-found', message);
}
