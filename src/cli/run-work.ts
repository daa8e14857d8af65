import type { Task } from '../model/task.ts';
import { AUDIT } from '../model/transitions.ts';
import type { LiveRun } from '../ports/task-store.ts';

/** What a run that lives does, as the tasks tell it. */
export interface RunWork {
  /** Tasks that it holds. */
  held: number;
  /** Tasks that it ended, as they stand. */
  completed: number;
  failed: number;
  /** Of those, how many a minute lately. */
  perMinute: number;
}

/** How far back a rate looks, in milliseconds. */
const LATELY_MS = 300_000;

/** What each run did, gathered from one look at all tasks. */
export class RunWorks {
  readonly #now: number;
  readonly #works = new Map<string, { held: number; completed: number; failed: number; lately: number }>();

  /** @param now milliseconds since the epoch. */
  constructor(now: number) {
    this.#now = now;
  }

  see({ status, lease, history, endedAt }: Task): void {
    if (lease) this.#of(lease.run).held++;
    if (status !== 'completed' && status !== 'failed') return;
    const last = history.at(-1);
    if (!last || last.run === AUDIT) return;
    const work = this.#of(last.resumedBy ?? last.run);
    work[status]++;
    if (Date.parse(endedAt ?? '') > this.#now - LATELY_MS) work.lately++;
  }

  workOf({ id, startedAt }: LiveRun): RunWork {
    const { lately, ...work } = this.#of(id);
    const minutes = Math.min(this.#now - Date.parse(startedAt), LATELY_MS) / 60_000;
    return { ...work, perMinute: minutes > 0 ? Math.round((10 * lately) / minutes) / 10 : 0 };
  }

  #of(run: string) {
    const known = this.#works.get(run) ?? { held: 0, completed: 0, failed: 0, lately: 0 };
    this.#works.set(run, known);
    return known;
  }
}
