import type { EventMap } from '../model/event.ts';
import { leftUsd, type Pool } from '../model/pool.ts';
import type { Usage } from '../model/usage.ts';
import type { Refusal, Reservation } from '../ports/budget.ts';
import type { Gauge } from '../ports/safety-check.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { LeftOut } from './left-out.ts';
import { MoneyWaits, type MoneyWaitsParts } from './money-waits.ts';
import { doesNotFit, moreThanAllowed, noRoom } from './money-words.ts';
import { PoolWatch, type PoolWatchParts } from './pool-watch.ts';
import { StalledMoney } from './stalled-money.ts';
import { TaskBudget } from './task-budget.ts';

export interface RunBudgetParts extends Omit<MoneyWaitsParts, 'emit'>, Pick<PoolWatchParts, 'onPool'> {
  runId: string;
  store: TaskStore;
  /** US dollars that one task may cost, all of its attempts together. Default: no limit. */
  maxTaskCostUsd: number | undefined;
  emit<N extends 'budget:warning' | 'budget:wait' | 'budget:resume'>(name: N, payload: EventMap[N]): void;
  /** Money is why the run stops: it has been told to. Called once. */
  onTrip(reason: string): void;
  /** The store broke. */
  onError(error: unknown): void;
}

/**
 * Money of a run: set aside in the store before each call and settled after it, so that the cap holds at any concurrency, and over all runs
 * that share the store. A call that finds no room waits while others may give back what they have set aside. When nothing can come back,
 * the run leaves that task where others may still fit, and stops where not.
 */
export class RunBudget {
  readonly #parts: RunBudgetParts;
  readonly #leftOut = new LeftOut();
  readonly #watch: PoolWatch;
  readonly #waits: MoneyWaits;
  readonly #stalled: StalledMoney;
  readonly #granted = { calls: 0, usd: 0 };
  #calls = 0;
  #tripped = false;

  constructor(parts: RunBudgetParts) {
    this.#parts = parts;
    this.#watch = new PoolWatch(parts);
    this.#waits = new MoneyWaits(parts);
    this.#stalled = new StalledMoney(parts.runtime.clock);
  }

  /** Ids of the tasks that this run leaves to others: a call for them does not fit. */
  get leftOut(): ReadonlySet<string> {
    return this.#leftOut.ids;
  }

  get gauges(): Gauge[] {
    return this.#watch.gauges;
  }

  /**
   * @param spent what the task has cost so far, whoever paid for it.
   * @param onNear it has cost most of what it may cost.
   */
  forTask(
    taskId: string,
    spent: () => Usage | undefined,
    onNear: (spentUsd: number, limitUsd: number) => void,
  ): TaskBudget {
    return new TaskBudget({ taskId, spent, onNear, run: this, maxTaskCostUsd: this.#parts.maxTaskCostUsd });
  }

  /** @param usd US dollars; undefined: the price is not known. */
  async reserve(
    taskId: string,
    usd: number | undefined,
    signal: AbortSignal,
  ): Promise<Reservation | Refusal> {
    const { store, control, runId: run, onError } = this.#parts;
    const call = String(++this.#calls);
    const wait = this.#waits.one(signal);
    try {
      for (;;) {
        const ring = control.bell.next();
        const { granted, pool, stalled } = await store.reserve({
          run,
          call,
          task: taskId,
          ...(usd !== undefined && { usd }),
        });
        this.#watch.look(pool);
        if (granted) return this.#grant(taskId, call, usd);
        const stuckUsd = this.#stalled.look(stalled);
        if (!mayComeBack(pool, usd, stuckUsd)) return this.#refuse(taskId, pool, usd, stuckUsd);
        if (!(await wait.until(ring, pool))) return ENDING;
      }
    } catch (error) {
      onError(error);
      return ENDING;
    } finally {
      wait.end();
    }
  }

  /** Takes what was paid without being set aside before: the run stops when that was too much. @param usd US dollars. */
  async charge(usd: number): Promise<void> {
    const pool = await this.#spend(String(++this.#calls), usd);
    if (pool && leftUsd({ ...pool, reservedUsd: 0 }) < 0) this.#trip(moreThanAllowed(pool));
  }

  /** Tasks that were left out, and that nobody has done since, are why the run did not do all. To be called at its end. */
  async tripIfLeftOut(): Promise<void> {
    const { store, control } = this.#parts;
    if (control.stopReason && control.stopReason.kind !== 'limit') return;
    for (const id of this.#leftOut.ids) {
      const status = (await store.get(id))?.status;
      if (status !== 'pending' && status !== 'in_progress') this.#leftOut.takeBack(id);
    }
    const reason = this.#leftOut.reason;
    if (reason !== undefined) this.#trip(reason);
  }

  #grant(taskId: string, call: string, usd = 0): Reservation {
    this.#granted.calls++;
    this.#granted.usd += usd;
    this.#leftOut.takeBack(taskId);
    return { settle: async (cost) => void (await this.#spend(call, cost)) };
  }

  /** @returns how the pool stands then; undefined: the store broke. */
  async #spend(call: string, usd: number | undefined): Promise<Pool | undefined> {
    const { store, control, runId: run, onError } = this.#parts;
    try {
      const pool = await store.spend({ run, call, ...(usd !== undefined && { usd }) });
      this.#watch.look(pool);
      control.bell.ring();
      return pool;
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  #refuse(taskId: string, pool: Pool, usd: number | undefined, stuckUsd: number): Refusal {
    if (usd !== undefined && this.#mayOthersFit(pool, usd, stuckUsd)) {
      const refused = doesNotFit(taskId, pool, usd, this.#stalled.stuck);
      this.#leftOut.add(taskId, refused);
      return { refused, kind: 'transient' };
    }
    const refused = noRoom(pool, usd, this.#stalled.stuck);
    this.#trip(refused);
    return { refused, kind: 'transient' };
  }

  /** Whether this call is the odd one: above the whole cap, or above what is left while that is enough for one as they were so far. */
  #mayOthersFit(pool: Pool, usd: number, stuckUsd: number): boolean {
    if (pool.unpriced || pool.capUsd === undefined || this.#leftOut.isFull) return false;
    const { calls, usd: sum } = this.#granted;
    return usd > pool.capUsd || (calls > 0 && sum / calls <= leftUsd({ ...pool, reservedUsd: stuckUsd }));
  }

  #trip(message: string): void {
    if (this.#tripped) return;
    this.#tripped = true;
    this.#parts.onTrip(message);
    this.#parts.control.stop({ kind: 'safety', message });
  }
}

const ENDING: Refusal = { refused: 'the run ends', kind: 'transient' };

/** Whether the call would fit if those that are under way cost nothing. @param stuckUsd set aside, and not to come back. */
function mayComeBack(pool: Pool, usd: number | undefined, stuckUsd: number): boolean {
  return usd !== undefined && !pool.unpriced && usd <= leftUsd({ ...pool, reservedUsd: stuckUsd });
}
