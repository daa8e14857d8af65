import TinyQueue from 'tinyqueue';
import type { Task } from '../model/task.ts';
import { type Entry, isShelved } from './entry.ts';

/** A task's place in a queue. */
interface Place {
  id: string;
  priority: number;
  /** Order of adding: smaller is older. */
  age: number;
  /** Milliseconds since the epoch; 0: at once. */
  dueAt: number;
}

/**
 * Which pending task is next: highest priority, then oldest, without looking at all of them.
 * A task with unfinished dependencies is in no queue; one that is not due yet waits in a queue by time.
 * Places are never taken out of the middle of a queue: one that no longer fits its task is dropped when it comes up.
 */
export class ReadyQueue {
  readonly #find: (id: string) => Entry | undefined;
  readonly #ready = new TinyQueue<Place>([], byPriorityThenAge);
  readonly #later = new TinyQueue<Place>([], (a, b) => a.dueAt - b.dueAt || a.age - b.age);
  /** How many dependencies each blocked task still waits for. */
  readonly #unmet = new Map<string, number>();
  /** Who waits for a task, by the id of that task. */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #ages = new Map<string, number>();
  #nextAge = 0;

  /** @param find gives a task as the table holds it now. */
  constructor(find: (id: string) => Entry | undefined) {
    this.#find = find;
  }

  /** How many pending tasks wait for a task that is not completed. */
  get blocked(): number {
    return this.#unmet.size;
  }

  /** The tasks that name this one in their `after`. */
  dependents(id: string): Iterable<string> {
    return this.#dependents.get(id) ?? [];
  }

  /** To be told of each change, after `find` gives the new state. */
  update(id: string, old: Entry | undefined, now: Entry | undefined): void {
    if (old?.after !== now?.after) this.#link(id, old?.after, now?.after);
    if (!old) this.#ages.set(id, this.#nextAge++);
    if (!now) this.#ages.delete(id);
    this.#place(id);
    const was = old?.status === 'completed';
    const is = now?.status === 'completed';
    if (was === is) return;
    for (const dependent of this.dependents(id)) {
      if (is) this.#meet(dependent);
      else this.#miss(dependent);
    }
  }

  /**
   * The id of the next task that can start now. @param now milliseconds since the epoch. @param only among these. @param except not
   * these: a few, since they are gone through.
   */
  next(now: number, only?: ReadonlySet<string>, except?: ReadonlySet<string>): string | undefined {
    return (only ? this.#nextOf(only, now, except) : this.#nextOfAll(now, except))?.id;
  }

  /** When the first task that waits for its time alone is due, in milliseconds since the epoch. */
  nextDue(now: number, only?: ReadonlySet<string>): number | undefined {
    if (!only) {
      this.#admit(now);
      return this.#top(this.#later)?.dueAt;
    }
    const times = [...only].map((id) => this.#placeOf(id)?.dueAt ?? 0).filter((dueAt) => dueAt > now);
    return times.length ? times.reduce((a, b) => Math.min(a, b)) : undefined;
  }

  #nextOfAll(now: number, except?: ReadonlySet<string>): Place | undefined {
    this.#admit(now);
    const passed: Place[] = [];
    let top = this.#top(this.#ready);
    while (top && except?.has(top.id)) {
      passed.push(top);
      this.#ready.pop();
      top = this.#top(this.#ready);
    }
    for (const place of passed) this.#ready.push(place);
    return top;
  }

  #nextOf(only: ReadonlySet<string>, now: number, except?: ReadonlySet<string>): Place | undefined {
    let best: Place | undefined;
    for (const id of only) {
      if (except?.has(id)) continue;
      const place = this.#placeOf(id);
      if (place && place.dueAt <= now && (!best || byPriorityThenAge(place, best) < 0)) best = place;
    }
    return best;
  }

  /** Moves what is due by now among the ready ones. */
  #admit(now: number): void {
    for (let first = this.#top(this.#later); first && first.dueAt <= now; first = this.#top(this.#later)) {
      this.#later.pop();
      this.#ready.push(first);
    }
  }

  #top(queue: TinyQueue<Place>): Place | undefined {
    let place = queue.peek();
    while (place && !this.#isCurrent(place)) {
      queue.pop();
      place = queue.peek();
    }
    return place;
  }

  /** Whether it still fits its task. */
  #isCurrent({ id, priority, age, dueAt }: Place): boolean {
    const task = this.#find(id);
    if (!task || isShelved(task) || task.status !== 'pending' || this.#unmet.has(id)) return false;
    return task.priority === priority && dueAtOf(task) === dueAt && this.#ages.get(id) === age;
  }

  #place(id: string): void {
    this.#unmet.delete(id);
    const task = this.#find(id);
    const unmet = task?.status === 'pending' && task.after ? this.#countUnmet(task.after) : 0;
    if (unmet > 0) this.#unmet.set(id, unmet);
    const place = this.#placeOf(id);
    if (place) (place.dueAt > 0 ? this.#later : this.#ready).push(place);
  }

  /** Of a pending task that waits for no other. */
  #placeOf(id: string): Place | undefined {
    const task = this.#find(id);
    if (!task || isShelved(task) || task.status !== 'pending' || this.#unmet.has(id)) return undefined;
    return { id, priority: task.priority, age: this.#ages.get(id) ?? 0, dueAt: dueAtOf(task) };
  }

  #countUnmet(after: readonly string[]): number {
    return [...new Set(after)].filter((id) => this.#find(id)?.status !== 'completed').length;
  }

  /** A dependency was completed. */
  #meet(id: string): void {
    const unmet = this.#unmet.get(id);
    if (unmet === undefined) return;
    if (unmet === 1) this.#place(id);
    else this.#unmet.set(id, unmet - 1);
  }

  /** A dependency is no longer completed. */
  #miss(id: string): void {
    const unmet = this.#unmet.get(id);
    if (unmet === undefined) this.#place(id);
    else this.#unmet.set(id, unmet + 1);
  }

  #link(id: string, old: readonly string[] = [], now: readonly string[] = []): void {
    for (const dep of old) {
      const dependents = this.#dependents.get(dep);
      dependents?.delete(id);
      if (dependents?.size === 0) this.#dependents.delete(dep);
    }
    for (const dep of now) {
      const dependents = this.#dependents.get(dep);
      if (dependents) dependents.add(id);
      else this.#dependents.set(dep, new Set([id]));
    }
  }
}

function byPriorityThenAge(a: Place, b: Place): number {
  return b.priority - a.priority || a.age - b.age;
}

function dueAtOf({ notBefore }: Task): number {
  return notBefore === undefined ? 0 : Date.parse(notBefore);
}
