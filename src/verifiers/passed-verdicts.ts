import { createHash } from 'node:crypto';
import type { Judged } from '../model/result.ts';
import type { Task } from '../model/task.ts';
import type { Verifier } from '../ports/verifier.ts';

/** Who has passed a result, and how, in the order in which they were asked. */
export type Passed = Map<Verifier, Judged>;

/** Tasks that are remembered; the one that has waited longest is forgotten first. */
const MOST_TASKS = 1000;

/** Remembers who has passed a task's result while the answer of all of them is still open. */
export class PassedVerdicts {
  readonly #byTask = new Map<string, { asked: string; passed: Passed }>();

  /** Of the same task with the same output; empty when nothing is known. */
  of(task: Task, output: string): Passed {
    const known = this.#byTask.get(task.id);
    return known?.asked === whatIsAsked(task, output) ? known.passed : new Map();
  }

  keep(task: Task, output: string, passed: Passed): void {
    this.forget(task);
    if (passed.size === 0) return;
    this.#byTask.set(task.id, { asked: whatIsAsked(task, output), passed });
    const [oldest] = this.#byTask.keys();
    if (oldest !== undefined && this.#byTask.size > MOST_TASKS) this.#byTask.delete(oldest);
  }

  forget(task: Task): void {
    this.#byTask.delete(task.id);
  }
}

/** A digest, since outputs can be large. */
function whatIsAsked({ description, criteria, check, expect, schema }: Task, output: string): string {
  const all = JSON.stringify([description, criteria, check, expect, schema, output]);
  return createHash('sha256').update(all).digest('base64');
}
