import { decide } from '../model/decide.ts';
import { isOrchError } from '../model/errors.ts';
import type { Task } from '../model/task.ts';
import type { Claim, ClaimAnswer, TaskStore } from '../ports/task-store.ts';
import { type OrchestratorConfig, retryPolicy } from './config.ts';

export interface ClaimsParts {
  runId: string;
  store: TaskStore;
  config: OrchestratorConfig;
  /** Ids of tasks that this run does not claim. */
  leftOut(): ReadonlySet<string>;
  /** Takes back those that it would claim by now. */
  reconsider(): Promise<void>;
  /** A task was found crashed for the third time, and is failed now. */
  onSetAside(task: Task): void;
}

/** Claims tasks for one run, and gives back what it may not start. Rejects when the store breaks. */
export class Claims {
  readonly #parts: ClaimsParts;

  constructor(parts: ClaimsParts) {
    this.#parts = parts;
  }

  /** @param only these tasks, where given. */
  async take(only: ReadonlySet<string> | undefined): Promise<ClaimAnswer> {
    const { runId: run, store, config, leftOut, reconsider, onSetAside } = this.#parts;
    const { leaseMs } = config;
    if (leftOut().size > 0) await reconsider();
    const except = leftOut();
    const answer = await store.claim({ run, leaseMs, only, ...(except.size > 0 && { except }) });
    if (answer.setAside) for (const task of answer.setAside) onSetAside(task);
    return answer;
  }

  async giveBack({ task, lease }: Claim): Promise<void> {
    const { store, config } = this.#parts;
    const outcome = { type: 'interrupted', reason: 'the run was stopped' } as const;
    const settlement = decide(task, outcome, retryPolicy(config));
    await store.settle(lease, settlement).catch((error: unknown) => {
      // Somebody cancelled it in between: there is nothing to give back.
      if (!isOrchError(error, 'lease-lost')) throw error;
    });
  }

  /** Asks the one who knows: whether one could be claimed. */
  async anyLeft(only: ReadonlySet<string> | undefined): Promise<boolean> {
    const answer = await this.take(only);
    if (answer.task) await this.giveBack(answer);
    return answer.task !== undefined;
  }
}
