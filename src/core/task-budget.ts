import { knownUsd, mostUsd, type Usage } from '../model/usage.ts';
import type { Budget, Refusal, Reservation } from '../ports/budget.ts';
import { tooDear } from './money-words.ts';

/** Money of the run that the task is in. Amounts are US dollars; undefined: the price is not known. */
interface RunMoney {
  reserve(taskId: string, usd: number | undefined, signal: AbortSignal): Promise<Reservation | Refusal>;
  charge(usd: number): Promise<void>;
}

export interface TaskBudgetParts {
  taskId: string;
  /** What the task has cost so far, whoever paid for it. */
  spent: () => Usage | undefined;
  run: RunMoney;
  maxTaskCostUsd: number | undefined;
}

/**
 * Money for one claim of a task, as executors and verifiers get it. They may be anybody's modules: an amount that is none is unknown, one
 * that is settled twice counts once, and one that is never settled counts as it was set aside.
 */
export class TaskBudget implements Budget {
  readonly #parts: TaskBudgetParts;
  /** What settles each reservation that is still open, at the most. */
  readonly #open = new Set<() => Promise<void>>();
  #wasAsked = false;
  #isRefused = false;

  constructor(parts: TaskBudgetParts) {
    this.#parts = parts;
  }

  /** The last call found no money in this run: the service is not to blame. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  async reserve(usd: number | undefined, signal: AbortSignal): Promise<Reservation | Refusal> {
    const worst = knownUsd(usd);
    this.#wasAsked = true;
    const refusal = this.#tooDear(worst);
    if (refusal) return refusal;
    const money = await this.#parts.run.reserve(this.#parts.taskId, worst, signal);
    this.#isRefused = money.refused !== undefined;
    return money.refused === undefined ? this.#once(money, worst) : money;
  }

  /** An executor or verifier has answered: what it paid without asking is charged now. */
  async answered(usage: Usage | undefined): Promise<void> {
    const wasAsked = this.#wasAsked;
    this.#wasAsked = false;
    const usd = usage && mostUsd(usage);
    if (!wasAsked && usd) await this.#parts.run.charge(usd);
  }

  /** To be called when the work on the task is over. */
  async end(): Promise<void> {
    await Promise.all([...this.#open].map((settle) => settle()));
  }

  #once(money: Reservation, worst: number | undefined): Reservation {
    const atMost = (): Promise<void> => settle(worst);
    const settle = async (usd: number | undefined): Promise<void> => {
      if (this.#open.delete(atMost)) await money.settle(usd);
    };
    this.#open.add(atMost);
    return { settle };
  }

  #tooDear(usd: number | undefined): Refusal | undefined {
    const { maxTaskCostUsd, spent } = this.#parts;
    if (maxTaskCostUsd === undefined) return undefined;
    const usage = spent();
    const soFar = usage ? mostUsd(usage) : 0;
    if (soFar === undefined || usd === undefined) {
      return { refused: 'what the task costs is not known, and it has a limit', kind: 'permanent' };
    }
    if (soFar + usd <= maxTaskCostUsd) return undefined;
    return { refused: tooDear(soFar, usd, maxTaskCostUsd), kind: 'permanent' };
  }
}
