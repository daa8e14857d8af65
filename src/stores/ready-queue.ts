import TinyQueue from 'tinyqueue';
import type { Task } from '../model/task.ts';

interface Entry {
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
 * Entries are never taken out of the middle of a queue: one that no longer counts is dropped when it comes up.
 */
export class ReadyQueue {
  readonly #find: (id: string) => Task | undefined;
  readonly #ready = new TinyQueue<Entry>([], byPriorityThenAge);
  readonly #later = new TinyQueue<Entry>([], (a, b) => a.dueAt - b.dueAt || a.age - b.age);
  /** The entry that counts of each pending task that waits for no other task. */
  readonly #entries = new Map<string, Entry>();
  /** How many dependencies each blocked task still waits for. */
  readonly #unmet = new Map<string, number>();
  /** Who waits for a task, by the id of that task. */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #ages = new Map<string, number>();
  #nextAge = 0;

  /** @param find gives a task as it stands now. */
  constructor(find: (id: string) => Task | undefined) {
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
  update(id: string, before: Task | undefined, after: Task | undefined): void {
    if (before?.after !== after?.after) this.#link(id, before?.after, after?.after);
    if (!before) this.#ages.set(id, this.#nextAge++);
    if (!after) this.#ages.delete(id);
    this.#place(id);
    const was = before?.status === 'completed';
    const is = after?.status === 'completed';
    if (was === is) return;
    for (const dependent of this.dependents(id)) {
      if (is) this.#meet(dependent);
      else this.#miss(dependent);
    }
  }

  /** The next task that can start now. @param now milliseconds since the epoch. @param only among these. */
  next(now: number, only?: ReadonlySet<string>): Task | undefined {
    const entry = only ? this.#nextOf(only, now) : this.#nextOfAll(now);
    return entry && this.#find(entry.id);
  }

  /** When the first task that waits for its time alone is due, in milliseconds since the epoch. */
  nextDue(now: number, only?: ReadonlySet<string>): number | undefined {
    if (!only) {
      this.#admit(now);
      return this.#top(this.#later)?.dueAt;
    }
    const times = [...only].map((id) => this.#entries.get(id)?.dueAt ?? 0).filter((dueAt) => dueAt > now);
    return times.length ? times.reduce((a, b) => Math.min(a, b)) : undefined;
  }

  #nextOfAll(now: number): Entry | undefined {
    this.#admit(now);
    return this.#top(this.#ready);
  }

  #nextOf(only: ReadonlySet<string>, now: number): Entry | undefined {
    let best: Entry | undefined;
    for (const id of only) {
      const entry = this.#entries.get(id);
      if (entry && entry.dueAt <= now && (!best || byPriorityThenAge(entry, best) < 0)) best = entry;
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

  #top(queue: TinyQueue<Entry>): Entry | undefined {
    let entry = queue.peek();
    while (entry && this.#entries.get(entry.id) !== entry) {
      queue.pop();
      entry = queue.peek();
    }
    return entry;
  }

  #place(id: string): void {
    this.#entries.delete(id);
    this.#unmet.delete(id);
    const task = this.#find(id);
    if (task?.status !== 'pending') return;
    const unmet = [...new Set(task.after)].filter((dep) => this.#find(dep)?.status !== 'completed').length;
    if (unmet > 0) {
      this.#unmet.set(id, unmet);
      return;
    }
    const dueAt = task.notBefore === undefined ? 0 : Date.parse(task.notBefore);
    const entry: Entry = { id, priority: task.priority, age: this.#ages.get(id) ?? 0, dueAt };
    this.#entries.set(id, entry);
    (dueAt > 0 ? this.#later : this.#ready).push(entry);
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

  #link(id: string, before: string[] = [], after: string[] = []): void {
    for (const dep of before) {
      const dependents = this.#dependents.get(dep);
      dependents?.delete(id);
      if (dependents?.size === 0) this.#dependents.delete(dep);
    }
    for (const dep of after) {
      const dependents = this.#dependents.get(dep);
      if (dependents) dependents.add(id);
      else this.#dependents.set(dep, new Set([id]));
    }
  }
}

function byPriorityThenAge(a: Entry, b: Entry): number {
  return b.priority - a.priority || a.age - b.age;
}
