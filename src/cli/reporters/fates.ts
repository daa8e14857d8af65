import type { RunEvent } from '../../model/event.ts';
import type { TaskError } from '../../model/task.ts';

type Fate = { how: 'completed'; verified: boolean } | { how: 'failed'; error: TaskError };

/** Shared: a million tasks may end so. */
const VERIFIED: Fate = { how: 'completed', verified: true };
const UNVERIFIED: Fate = { how: 'completed', verified: false };

/** How the tasks of a run have ended. One that had ended, and was taken back since, counts as it ends now. */
export class Fates {
  readonly #fates = new Map<string, Fate>();
  readonly #counts = { completed: 0, failed: 0 };

  get completed(): number {
    return this.#counts.completed;
  }

  get failed(): number {
    return this.#counts.failed;
  }

  get unverified(): number {
    return [...this.#fates.values()].filter((fate) => fate === UNVERIFIED).length;
  }

  /** The first of those that are completed. */
  get firstCompleted(): string | undefined {
    for (const [id, { how }] of this.#fates) if (how === 'completed') return id;
    return undefined;
  }

  /** Id and error of each that failed, in the order in which they did. */
  get failures(): [id: string, error: TaskError][] {
    return [...this.#fates].flatMap(([id, fate]) => (fate.how === 'failed' ? [[id, fate.error]] : []));
  }

  onEvent(event: RunEvent): void {
    if (event.event === 'task:start') this.#takeBack(event.task.id);
    if (event.event === 'task:complete')
      this.#end(event.task.id, event.task.verified ? VERIFIED : UNVERIFIED);
    if (event.event === 'task:fail') this.#end(event.task.id, { how: 'failed', error: event.error });
  }

  #end(id: string, fate: Fate): void {
    this.#takeBack(id);
    this.#fates.set(id, fate);
    this.#counts[fate.how] += 1;
  }

  #takeBack(id: string): void {
    const before = this.#fates.get(id);
    if (before) this.#counts[before.how] -= 1;
    this.#fates.delete(id);
  }
}
