import type { Attempt, Task } from '../model/task.ts';
import { AUDIT } from '../model/transitions.ts';
import { LATELY_MS, type RunWork } from '../ports/survey.ts';

/** The run that ended a task, as it stands; undefined: it has not ended, or nobody knows. */
export function endedBy({ status, history }: Task): string | undefined {
  const last = status === 'completed' || status === 'failed' ? history.at(-1) : undefined;
  return last && last.run !== AUDIT ? runOf(last) : undefined;
}

/** The attempts after which a task was tried again, or will be. */
export function sentBack({ history, status }: Task): Attempt[] {
  const isOver = (index: number) => status === 'failed' && index === history.length - 1;
  return history.filter(
    ({ outcome }, index) => (outcome === 'rejected' || outcome === 'failed') && !isOver(index),
  );
}

/** The runs that sent a task back, each once. */
export function sentBackBy(task: Task): Set<string> {
  return new Set(sentBack(task).map(runOf));
}

function runOf({ run, resumedBy }: Attempt): string {
  return resumedBy ?? run;
}

/** What each run did, gathered from one look at all tasks. */
export class Works {
  readonly #now: number;
  readonly #works = new Map<string, RunWork>();

  /** @param now milliseconds since the epoch. */
  constructor(now: number) {
    this.#now = now;
  }

  get all(): ReadonlyMap<string, RunWork> {
    return this.#works;
  }

  see(task: Task): void {
    if (task.lease) this.#of(task.lease.run).held++;
    for (const run of sentBackBy(task)) this.#of(run).retried++;
    const run = endedBy(task);
    if (run === undefined) return;
    const work = this.#of(run);
    work[task.status === 'completed' ? 'completed' : 'failed']++;
    if (Date.parse(task.endedAt ?? '') > this.#now - LATELY_MS) work.lately++;
  }

  #of(run: string): RunWork {
    const known = this.#works.get(run) ?? { held: 0, completed: 0, failed: 0, retried: 0, lately: 0 };
    this.#works.set(run, known);
    return known;
  }
}
