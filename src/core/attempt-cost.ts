import { checkpointOf, type Task } from '../model/task.ts';
import { addUsage, type Usage } from '../model/usage.ts';
import type { RunBudget } from './run-budget.ts';
import type { TaskBudget } from './task-budget.ts';

/** What the work of one claim costs, and the money that it may have. */
export class AttemptCost {
  readonly budget: TaskBudget;
  /** What an earlier run paid for the checkpoint that this one goes on with. */
  readonly #carried: Usage | undefined;
  #spent: Usage | undefined;

  /** @param task as it was claimed. @param onNear it has cost most of what it may cost, in US dollars. */
  constructor(task: Task, run: RunBudget, onNear: (spentUsd: number, limitUsd: number) => void) {
    this.#carried = checkpointOf(task)?.usage;
    this.budget = run.forTask(task.id, () => addUsage(task.usage, this.paid), onNear);
  }

  /** What this run paid for it. */
  get spent(): Usage | undefined {
    return this.#spent;
  }

  /** What was paid for it in all. */
  get paid(): Usage | undefined {
    return addUsage(this.#carried, this.#spent);
  }

  /** Its executor or verifier has answered. @param usage as it tells it. */
  async answered(usage: Usage | undefined): Promise<void> {
    const kept = await this.budget.answered(usage);
    this.#spent = addUsage(this.#spent, kept);
  }
}
