import { OrchError } from '../model/errors.ts';
import type { NewTask, Task } from '../model/task.ts';
import { created } from '../model/transitions.ts';
import { soundNewTask } from './check-task.ts';
import type { TableRecord } from './record.ts';
import { automaticId, checkId, numberAfter } from './task-ids.ts';

/** What an `add` comes to, before anything is changed. */
export interface AddPlan {
  /** One for each that was asked for, in that order: a new task, or the one that is there already. */
  answer: Task[];
  /** Those that are new. */
  fresh: Task[];
  /** What has to be kept of each of them, in the same order. */
  records: Array<Extract<TableRecord, { op: 'add' }>>;
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
  const plan: AddPlan = { answer: [], fresh: [], records: [], nextId };
  for (const { id } of tasks) {
    if (id === undefined) continue;
    checkId(id);
    plan.nextId = Math.max(plan.nextId, numberAfter(id));
  }
  // Of many that name no others, nobody asks.
  const byId = tasks.some(namesAny) ? new Map<string, Task>() : undefined;
  const known = (id: string) => byId?.get(id) ?? find(id);
  for (const task of tasks) {
    // An automatic id is always free.
    const same = task.id === undefined ? undefined : known(task.id);
    if (same) {
      checkSame(task, same);
      plan.answer.push(same);
      continue;
    }
    const id = task.id ?? automaticId(plan.nextId++);
    const sound = soundNewTask(task, id);
    for (const dependency of sound.after ?? []) checkDependency(id, dependency, known);
    const fresh = created(sound, id, at);
    byId?.set(id, fresh);
    plan.answer.push(fresh);
    plan.fresh.push(fresh);
    plan.records.push({ op: 'add', at, task: sound });
  }
  return plan;
}

function namesAny({ id, after }: NewTask): boolean {
  return id !== undefined || after !== undefined;
}

function checkSame(task: NewTask, there: Task): void {
  if (task.description === there.description) return;
  const message = `The id ${there.id} is taken by another task; choose another id, or remove that task first`;
  throw new OrchError('conflict', message);
}

/** @throws `usage`, `not-found` */
export function checkDependency(id: string, dependency: string, known: (id: string) => unknown): void {
  if (dependency === id) throw new OrchError('usage', `Task ${id} cannot come after itself; leave that out`);
  if (known(dependency)) return;
  const message = `There is no task ${dependency} for ${id} to come after; add it first, or correct the id`;
  throw new OrchError('not-found', message);
}
