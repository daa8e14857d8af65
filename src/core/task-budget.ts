import { addUsage, knownUsd, mostUsd, type Usage } from '../model/usage.ts';
import type { Budget, Refusal, Reservation } from '../ports/budget.ts';
import type { Leaving } from './left-out.ts';
import { tooDear } from './money-words.ts';
import { WARN_AT } from './pool-watch.ts';

/** Money of one claim of a task, as the run sees it. */
export interface TaskMoney {
  id: string;
  /** US dollars that are set aside for it. */
  asideUsd: number;
}

/** @internal `leaving`: the run goes on without this task. */
export interface RunRefusal extends Refusal {
  leaving?: Leaving;
}

/** Money of the run that the task is in. Amounts are US dollars; undefined: the price is not known. */
interface RunMoney {
  reserve(task: TaskMoney, usd: number | undefined, signal: AbortSignal): Promise<Reservation | RunRefusal>;
  charge(task: TaskMoney, usd: number | undefined): Promise<void>;
  leave(taskId: string, leaving: Leaving): void;
}

interface TaskBudgetParts {
  taskId: string;
  /** What the task has cost so far, whoever paid for it. */
  spent: () => Usage | undefined;
  run: RunMoney;
  maxTaskCostUsd: number | undefined;
  /** It has cost most of what it may cost. */
  onNear(spentUsd: number, limitUsd: number): void;
}

/** `answered` aborts when it has answered; it is made where money is asked for, since most modules ask for none. */
interface AwaitedCall {
  answered?: AbortController;
}

/** A call of a module that is not settled yet. */
interface OpenCall {
  usd: number | undefined;
  /** Settles it at what was set aside; undefined: nothing was yet. */
  settle?: () => Promise<void>;
}

/** Sums of fractions are off by less than this: a billionth of a dollar. */
const ROUNDING = 1e-9;

const ANSWERED: Refusal = { refused: 'its executor or verifier has answered already', kind: 'transient' };

/**
 * Money for one claim of a task, as executors and verifiers get it. They may be anybody's modules: an amount that is none is unknown, one
 * that is settled twice counts once, one that is not settled when they answer counts as it was set aside, and so does what they paid
 * without asking. Between two calls of them nothing is set aside.
 */
export class TaskBudget implements Budget, TaskMoney {
  readonly #parts: TaskBudgetParts;
  /** Of the executor or verifier that was called and has not answered. */
  #call: AwaitedCall | undefined;
  readonly #open = new Set<OpenCall>();
  /** Settled since the last answer; undefined: nothing was set aside. */
  #charged: { usd: number | undefined } | undefined;
  /** Since the executor or verifier was called last. */
  #refusal: RunRefusal | undefined;

  constructor(parts: TaskBudgetParts) {
    this.#parts = parts;
  }

  get id(): string {
    return this.#parts.taskId;
  }

  get asideUsd(): number {
    return [...this.#open].reduce((sum, { usd = 0, settle }) => sum + (settle ? usd : 0), 0);
  }

  /** A call of the executor or verifier that was called last found no money in this run: the service is not to blame. */
  get isRefused(): boolean {
    return this.#refusal !== undefined;
  }

  /** The executor or verifier is called. */
  begin(): void {
    this.#call = {};
    this.#refusal = undefined;
  }

  /** The task goes back for want of money: where others may still fit, the run leaves it to others. */
  giveBack(): void {
    const { run, taskId } = this.#parts;
    if (this.#refusal?.leaving) run.leave(taskId, this.#refusal.leaving);
  }

  async reserve(usd: number | undefined, signal: AbortSignal): Promise<Reservation | Refusal> {
    const call = this.#call;
    if (!call) return ANSWERED;
    const worst = knownUsd(usd);
    const refusal = this.#tooDear(worst);
    if (refusal) return refusal;
    call.answered ??= new AbortController();
    const ends = AbortSignal.any([signal, call.answered.signal]);
    // Before anything is awaited: of calls at once each counts for the limit of the task.
    const open: OpenCall = { usd: worst };
    this.#open.add(open);
    const money = await this.#parts.run.reserve(this, worst, ends);
    if (money.refused === undefined && this.#call === call) return this.#once(money, open);
    this.#open.delete(open);
    if (money.refused === undefined) await money.settle(0);
    if (money.refused === undefined || this.#call !== call) return ANSWERED;
    if (!this.#refusal?.leaving) this.#refusal = money;
    return { refused: money.refused, kind: money.kind };
  }

  /**
   * An executor or verifier has answered: the accounts of its calls are closed.
   * @param usage as it tells it. @returns what is kept of it: what was charged beyond it, as for an answer that was lost, is in it as possible.
   */
  async answered(usage: Usage | undefined): Promise<Usage | undefined> {
    const call = this.#call;
    this.#call = undefined;
    call?.answered?.abort();
    if (this.#open.size > 0) await Promise.all([...this.#open].map(({ settle }) => settle?.()));
    const charged = this.#charged;
    this.#charged = undefined;
    const kept = charged ? withPossible(usage, charged.usd) : usage;
    this.#warn(kept);
    if (usage) await this.#chargeBeyond(usage, charged ? charged.usd : 0);
    return kept;
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

  /** Takes what it paid without asking, or beyond what it asked for. @param chargedUsd undefined: not known, as is then known of the pool. */
  async #chargeBeyond(usage: Usage, chargedUsd: number | undefined): Promise<void> {
    if (chargedUsd === undefined) return;
    const { run } = this.#parts;
    const usd = mostUsd(usage);
    if (usd === undefined) {
      if (hasTokens(usage)) await run.charge(this, undefined);
    } else if (usd > chargedUsd + ROUNDING) await run.charge(this, usd - chargedUsd);
  }

  #once(money: Reservation, open: OpenCall): Reservation {
    const settle = async (usd: number | undefined): Promise<void> => {
      if (!this.#open.delete(open)) return;
      const cost = knownUsd(usd);
      this.#charged = { usd: sumOf([this.#charged ? this.#charged.usd : 0, cost]) };
      await money.settle(cost);
    };
    open.settle = () => settle(open.usd);
    return { settle };
  }

  #tooDear(usd: number | undefined): Refusal | undefined {
    const { maxTaskCostUsd, spent } = this.#parts;
    if (maxTaskCostUsd === undefined) return undefined;
    const usage = spent();
    // An answer may take several calls, some of them at once.
    const charged = this.#charged ? this.#charged.usd : 0;
    const open = [...this.#open].map((call) => call.usd);
    const soFar = sumOf([usage ? mostUsd(usage) : 0, charged, ...open]);
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

function hasTokens(usage: Usage): boolean {
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  return inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens > 0;
}

/** @param chargedUsd undefined: not known, and then neither is the cost. */
function withPossible(usage: Usage | undefined, chargedUsd: number | undefined): Usage | undefined {
  const { costUsd, ...told } = usage ?? { inputTokens: 0, outputTokens: 0, costUsd: 0 };
  if (costUsd === undefined || chargedUsd === undefined) return told;
  const beyond = chargedUsd - costUsd;
  return beyond > ROUNDING ? { ...told, costUsd, possibleUsd: beyond } : usage;
}
