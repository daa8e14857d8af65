import { findCircle } from '../model/circle.ts';
import { OrchError } from '../model/errors.ts';
import type { NewTask, Task } from '../model/task.ts';
import { created } from '../model/transitions.ts';
import { atFault } from './at-fault.ts';
import { soundNewTask } from './check-task.ts';
import type { TableRecord } from './record.ts';
import { inACircle } from './refusals.ts';
import { automaticId, checkId, numberAfter } from './task-ids.ts';

/** What an `add` comes to, before anything is changed. */
interface AddPlan {
  /** One for each that was asked for, in that order: a new task, or the one that is there already. */
  answer: Task[];
  /** Those that are new. */
  fresh: Task[];
  /** What has to be kept of each of them, in the same order. */
  records: Array<Extract<TableRecord, { op: 'add' }>>;
  nextId: number;
}

/** The tasks that are there already. */
interface KnownTasks {
  find(id: string): Task | undefined;
  /** What one of them comes after; nothing where there is none. */
  after(id: string): Iterable<string>;
  /** The tasks among them that come after this one, which need not be there. */
  dependents(id: string): Iterable<string>;
}

/** Where nobody knows which there are. */
export const NONE_KNOWN: KnownTasks = { find: () => undefined, after: () => [], dependents: () => [] };

/**
 * Own ids are set aside first, so that no automatic id of the same batch takes one. `after` names tasks that exist, or others of the
 * batch, later ones too; tasks that would wait for each other in a circle are refused.
 * @throws `usage`, `conflict`, `not-found`, with the `index` of the task at fault
 */
export function planAdd(tasks: NewTask[], known: KnownTasks, nextId: number, at: string): AddPlan {
  const plan: AddPlan = { answer: [], fresh: [], records: [], nextId };
  for (const [index, { id }] of tasks.entries()) {
    if (id === undefined) continue;
    atFault(index, () => checkId(id));
    plan.nextId = Math.max(plan.nextId, numberAfter(id));
  }
  // Of many that name no others, nobody asks.
  const byId = tasks.some(namesAny) ? new Map<string, Task>() : undefined;
  for (const [index, task] of tasks.entries()) {
    // An automatic id is always free.
    const same = task.id === undefined ? undefined : (byId?.get(task.id) ?? known.find(task.id));
    if (same) {
      atFault(index, () => checkSame(task, same));
      plan.answer.push(same);
      continue;
    }
    const id = task.id ?? automaticId(plan.nextId++);
    const sound = atFault(index, () => soundNewTask(task, id));
    const fresh = created(sound, id, at);
    byId?.set(id, fresh);
    plan.answer.push(fresh);
    plan.fresh.push(fresh);
    plan.records.push({ op: 'add', at, task: sound });
  }
  if (byId) checkDependencies(plan, byId, known);
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

function checkDependencies(
  { answer, fresh }: AddPlan,
  byId: ReadonlyMap<string, Task>,
  known: KnownTasks,
): void {
  const find = (id: string) => byId.get(id) ?? known.find(id);
  for (const [index, { id, after = [] }] of answer.entries()) {
    // What a task that is there came after may have been removed since.
    if (!byId.has(id)) continue;
    for (const dependency of after) atFault(index, () => checkDependency(id, dependency, find));
  }
  const starts = fresh.flatMap(({ id, after }) => (after ? [id] : []));
  const circle = findCircle(starts, afterAmong(fresh, byId, known));
  if (circle) throw inACircle(circle, answer);
}

/** @throws `usage`, `not-found` */
export function checkDependency(id: string, dependency: string, find: (id: string) => unknown): void {
  if (dependency === id) throw new OrchError('usage', `Task ${id} cannot come after itself; leave that out`);
  if (find(dependency)) return;
  const message = `There is no task ${dependency} for ${id} to come after; add it first, or correct the id`;
  throw new OrchError('not-found', message);
}

/** What a task comes after, as far as a circle can lead that way: through those that are there only where one of them names a new one. */
function afterAmong(
  fresh: Task[],
  byId: ReadonlyMap<string, Task>,
  known: KnownTasks,
): (id: string) => Iterable<string> {
  const isNamed = fresh.some(({ id }) => [...known.dependents(id)].length > 0);
  return (id) => {
    const task = byId.get(id);
    if (task) return task.after ?? [];
    return isNamed ? known.after(id) : [];
  };
}
