import { addUsage, knownUsd, mostUsd, type Usage } from '../model/usage.ts';
import type { Budget, Refusal, Reservation } from '../ports/budget.ts';
import { tooDear } from './money-words.ts';
import { WARN_AT } from './pool-watch.ts';

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
  /** It has cost most of what it may cost. */
  onNear(spentUsd: number, limitUsd: number): void;
}

/** Sums of fractions are off by less than this: a billionth of a dollar. */
const ROUNDING = 1e-9;

/**
 * Money for one claim of a task, as executors and verifiers get it. They may be anybody's modules: an amount that is none is unknown, one
 * that is settled twice counts once, one that is not settled when they answer counts as it was set aside, and so does what they paid
 * without asking.
 */
export class TaskBudget implements Budget {
  readonly #parts: TaskBudgetParts;
  /** What was set aside and is not settled yet, by what settles it at that. */
  readonly #open = new Map<() => Promise<void>, number | undefined>();
  /** Settled since the last answer; undefined: nothing was set aside. */
  #charged: { usd: number | undefined } | undefined;
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
    const refusal = this.#tooDear(worst);
    if (refusal) return refusal;
    const money = await this.#parts.run.reserve(this.#parts.taskId, worst, signal);
    this.#isRefused = money.refused !== undefined;
    return money.refused === undefined ? this.#once(money, worst) : money;
  }

  /**
   * An executor or verifier has answered: the accounts of its calls are closed.
   * @param usage as it tells it. @returns what is kept of it: what was charged beyond it, as for an answer that was lost, is in it as possible.
   */
  async answered(usage: Usage | undefined): Promise<Usage | undefined> {
    await Promise.all([...this.#open.keys()].map((settle) => settle()));
    const charged = this.#charged;
    this.#charged = undefined;
    const kept = charged ? withPossible(usage, charged.usd) : usage;
    this.#warn(kept);
    if (charged) return kept;
    const usd = usage && mostUsd(usage);
    if (usd) await this.#parts.run.charge(usd);
    return usage;
  }

  /** Where this answer was the one that made it so: once, whatever attempt or run it is in. */
  #warn(usage: Usage | undefined): void {
    const { maxTaskCostUsd: limit, spent, onNear } = this.#parts;
    if (limit === undefined) return;
    const most = (used: Usage | undefined): number => (used && mostUsd(used)) ?? 0;
    const near = WARN_AT * limit - ROUNDING;
    const before = spent();
    const now = most(addUsage(before, usage));
    if (most(before) < near && now >= near) onNear(now, limit);
  }

  #once(money: Reservation, worst: number | undefined): Reservation {
    const atMost = (): Promise<void> => settle(worst);
    const settle = async (usd: number | undefined): Promise<void> => {
      if (!this.#open.delete(atMost)) return;
      const cost = knownUsd(usd);
      this.#charged = { usd: sumOf([this.#charged ? this.#charged.usd : 0, cost]) };
      await money.settle(cost);
    };
    this.#open.set(atMost, worst);
    return { settle };
  }

  #tooDear(usd: number | undefined): Refusal | undefined {
    const { maxTaskCostUsd, spent } = this.#parts;
    if (maxTaskCostUsd === undefined) return undefined;
    const usage = spent();
    // An answer may take several calls, some of them at once.
    const charged = this.#charged ? this.#charged.usd : 0;
    const soFar = sumOf([usage ? mostUsd(usage) : 0, charged, ...this.#open.values()]);
    if (soFar === undefined || usd === undefined) {
      return { refused: 'what the task costs is not known, and it has a limit', kind: 'permanent' };
    }
    if (soFar + usd <= maxTaskCostUsd) return undefined;
    return { refused: tooDear(soFar, usd, maxTaskCostUsd), kind: 'permanent' };
  }
}

/** Unknown where one is. */
function sumOf(amounts: (number | undefined)[]): number | undefined {
  return amounts.reduce((sum, usd) => (sum === undefined || usd === undefined ? undefined : sum + usd), 0);
}

/** @param chargedUsd undefined: not known, and then neither is the cost. */
function withPossible(usage: Usage | undefined, chargedUsd: number | undefined): Usage | undefined {
  const { costUsd, ...told } = usage ?? { inputTokens: 0, outputTokens: 0, costUsd: 0 };
  if (costUsd === undefined || chargedUsd === undefined) return told;
  const beyond = chargedUsd - costUsd;
  return beyond > ROUNDING ? { ...told, costUsd, possibleUsd: beyond } : usage;
}
