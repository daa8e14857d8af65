import type { Task } from '../model/task.ts';
import { TransitMap } from '../model/transit-map.ts';

/** The tasks in progress, and how many of them each run has: most claims need know no more of the others. */
export class InProgress {
  readonly #tasks = new TransitMap<Task>();
  readonly #byRun = new Map<string, number>();

  get(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  values(): Iterable<Task> {
    return this.#tasks.values();
  }

  forEach(visit: (task: Task) => void): void {
    this.#tasks.forEach(visit);
  }

  set(task: Task): void {
    const before = this.#tasks.get(task.id);
    if (before?.lease?.run !== task.lease?.run) {
      this.#count(before, -1);
      this.#count(task, 1);
    }
    this.#tasks.set(task.id, task);
  }

  delete(id: string): void {
    this.#count(this.#tasks.get(id), -1);
    this.#tasks.delete(id);
  }

  /** Whether all of them are held by this run. */
  isAllOf(run: string): boolean {
    return this.#tasks.size === (this.#byRun.get(run) ?? 0);
  }

  #count(task: Task | undefined, by: number): void {
    const run = task?.lease?.run;
    if (run === undefined) return;
    const count = (this.#byRun.get(run) ?? 0) + by;
    if (count > 0) this.#byRun.set(run, count);
    else this.#byRun.delete(run);
  }
}
