import { isoTime } from '../model/clock.ts';
import type { NewTask } from '../model/task.ts';
import type { RunCommand } from '../ports/task-store.ts';
import { type AddedTasks, applyPlan } from './apply-plan.ts';
import { NONE_KNOWN, planAdd } from './plan-add.ts';
import type { TableRecord } from './record.ts';
import { ListedTasks } from './wanted.ts';

/** Whether these tasks can be added by who does not know those that are there. */
export function canAddBlindly(tasks: readonly NewTask[]): boolean {
  return tasks.every(({ id, after }) => id === undefined && !after?.length);
}

/** What may be done to a table that is not there: to add tasks that have nothing to do with those in it, and to tell runs something. */
export class BlindOperations {
  readonly #now: number;
  readonly #keep: (record: TableRecord) => void;
  #nextId: number;

  /** @param nextId number of the next automatic id. @param now milliseconds since the epoch. @param keep takes each record. */
  constructor(nextId: number, now: number, keep: (record: TableRecord) => void) {
    this.#nextId = nextId;
    this.#now = now;
    this.#keep = keep;
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** @param runs those that live. */
  control(command: RunCommand, runs: string[]): void {
    if (runs.length > 0) this.#keep({ op: 'control', command, runs });
  }

  /** @param tasks those that can be added so. */
  add(tasks: readonly NewTask[]): AddedTasks {
    const wanted = new ListedTasks(tasks);
    const plan = planAdd(wanted, NONE_KNOWN, this.#nextId);
    this.#nextId = plan.nextId;
    return applyPlan(plan, wanted, isoTime(this.#now), this.#keep);
  }
}
