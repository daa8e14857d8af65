import { findCircle } from '../model/circle.ts';
import { OrchError } from '../model/errors.ts';
import { NumberList } from '../model/number-list.ts';
import { atFault } from './at-fault.ts';
import { type Entry, taskOf } from './entry.ts';
import { inACircle } from './refusals.ts';
import { automaticId, checkId, numberAfter } from './task-ids.ts';
import type { Wanted } from './wanted.ts';

/** What an `add` comes to, before anything is changed. */
export interface AddPlan {
  /** How many were asked for. */
  length: number;
  /** That of each, new or not. */
  idOf(index: number): string;
  /** By index, those that are there already: the task itself, or where in the same list it stands. All others are new. */
  there: Map<number, Entry | number>;
  nextId: number;
}

/** The tasks that are there already. */
export interface KnownTasks {
  find(id: string): Entry | undefined;
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
export function planAdd(wanted: Wanted, known: KnownTasks, nextId: number): AddPlan {
  const there: AddPlan['there'] = new Map();
  const numbers = new NumberList();
  const idOf = (index: number) => wanted.idOf(index) ?? automaticId(numbers.at(index) ?? 0);
  let next = nextIdBehind(wanted, nextId);
  /** Where each new one with an id of its own stands. */
  const places = new Map<string, number>();
  let namesOthers = false;
  for (let index = 0; index < wanted.length; index++) {
    const own = wanted.idOf(index);
    // An automatic id is always free.
    const same = own === undefined ? undefined : (places.get(own) ?? known.find(own));
    if (own !== undefined && same !== undefined) {
      atFault(index, () => checkSame(wanted, index, own, same));
      there.set(index, same);
      numbers.push(0);
      continue;
    }
    numbers.push(own === undefined ? next++ : 0);
    const id = idOf(index);
    atFault(index, () => wanted.check(index, id));
    if (own !== undefined) places.set(own, index);
    namesOthers ||= wanted.afterOf(index) !== undefined;
  }
  const plan = { length: wanted.length, idOf, there, nextId: next };
  if (namesOthers) checkDependencies(plan, wanted, known);
  return plan;
}

/** @throws `usage`: one cannot be an id. */
function nextIdBehind(wanted: Wanted, nextId: number): number {
  let next = nextId;
  for (let index = 0; index < wanted.length; index++) {
    const id = wanted.idOf(index);
    if (id === undefined) continue;
    atFault(index, () => checkId(id));
    next = Math.max(next, numberAfter(id));
  }
  return next;
}

function checkSame(wanted: Wanted, index: number, id: string, same: Entry | number): void {
  const there = typeof same === 'number' ? wanted.descriptionOf(same) : taskOf(same).description;
  if (wanted.descriptionOf(index) === there) return;
  const message = `The id ${id} is taken by another task; choose another id, or remove that task first`;
  throw new OrchError('conflict', message);
}

function checkDependencies({ idOf, there }: AddPlan, wanted: Wanted, known: KnownTasks): void {
  const places = new Map<string, number>();
  // What a task that is there came after may have been removed since.
  for (let index = 0; index < wanted.length; index++) if (!there.has(index)) places.set(idOf(index), index);
  const find = (id: string) => places.has(id) || known.find(id);
  for (const [id, index] of places) {
    for (const dependency of wanted.afterOf(index) ?? [])
      atFault(index, () => checkDependency(id, dependency, find));
  }
  const circle = findCircle(startsOf(places, wanted), afterAmong(places, wanted, known));
  if (circle) {
    const all = Array.from({ length: wanted.length }, (_, index) => ({ id: idOf(index) }));
    throw inACircle(circle, all);
  }
}

/** @throws `usage`, `not-found` */
export function checkDependency(id: string, dependency: string, find: (id: string) => unknown): void {
  if (dependency === id) throw new OrchError('usage', `Task ${id} cannot come after itself; leave that out`);
  if (find(dependency)) return;
  const message = `There is no task ${dependency} for ${id} to come after; add it first, or correct the id`;
  throw new OrchError('not-found', message);
}

function* startsOf(places: ReadonlyMap<string, number>, wanted: Wanted): Generator<string> {
  for (const [id, index] of places) if (wanted.afterOf(index)?.length) yield id;
}

/** What a task comes after, as far as a circle can lead that way: through those that are there only where one of them names a new one. */
function afterAmong(
  places: ReadonlyMap<string, number>,
  wanted: Wanted,
  known: KnownTasks,
): (id: string) => Iterable<string> {
  const isNamed = [...places.keys()].some((id) => [...known.dependents(id)].length > 0);
  return (id) => {
    const place = places.get(id);
    if (place !== undefined) return wanted.afterOf(place) ?? [];
    return isNamed ? known.after(id) : [];
  };
}
