import type { EventMap } from '../model/event.ts';
import { leftUsd, type Pool } from '../model/pool.ts';
import type { Usage } from '../model/usage.ts';
import type { Reservation } from '../ports/budget.ts';
import type { Gauge } from '../ports/safety-check.ts';
import type { RunNote, TaskStore } from '../ports/task-store.ts';
import { type Leaving, LeftOut } from './left-out.ts';
import { MoneyWaits, type MoneyWaitsParts } from './money-waits.ts';
import { moreThanAllowed, noRoom } from './money-words.ts';
import { noRoomFor } from './no-room.ts';
import { PoolWatch, type PoolWatchParts } from './pool-watch.ts';
import { StalledMoney } from './stalled-money.ts';
import { type RunRefusal, TaskBudget, type TaskMoney } from './task-budget.ts';

interface RunBudgetParts extends Omit<MoneyWaitsParts, 'emit'>, Pick<PoolWatchParts, 'onPool'> {
  runId: string;
  store: TaskStore;
  /** The cap of this run, in US dollars; that of another one may be lower. Default: none. */
  maxCostUsd: number | undefined;
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
 * the run leaves that task where others may still fit, and stops where not. A task that is left is taken back as soon as there is room for
 * it; where only the cap of another run is in the way, this one waits for that, and holds no task meanwhile: that one may wait for it.
 */
export class RunBudget {
  readonly #parts: RunBudgetParts;
  readonly #leftOut: LeftOut;
  readonly #watch: PoolWatch;
  readonly #waits: MoneyWaits;
  readonly #stalled: StalledMoney;
  /** The tasks whose calls wait for money. */
  readonly #waiting = new Set<TaskMoney>();
  readonly #granted = { calls: 0, usd: 0 };
  #calls = 0;
  #tripped = false;

  constructor(parts: RunBudgetParts) {
    this.#parts = parts;
    this.#watch = new PoolWatch(parts);
    this.#waits = new MoneyWaits(parts);
    this.#stalled = new StalledMoney(parts.runtime.clock);
    this.#leftOut = new LeftOut({
      ...parts,
      waits: this.#waits,
      stalled: this.#stalled,
      onChange: parts.onPool,
    });
  }

  /** Ids of the tasks that this run leaves to others: a call for them does not fit. */
  get leftOut(): ReadonlySet<string> {
    return this.#leftOut.ids;
  }

  /** The same, as the run lets others see it. */
  get leftOutNote(): NonNullable<RunNote['safety']>['leftOut'] {
    return this.#leftOut.note;
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
    task: TaskMoney,
    usd: number | undefined,
    signal: AbortSignal,
  ): Promise<(Reservation & { refused?: undefined }) | RunRefusal> {
    const { store, control, runId: run, onError } = this.#parts;
    const call = String(++this.#calls);
    const wait = this.#waits.one(signal);
    try {
      for (;;) {
        const ring = control.bell.next();
        const { granted, pool, stalled } = await store.reserve({
          run,
          call,
          task: task.id,
          ...(usd !== undefined && { usd }),
        });
        this.#look(pool);
        if (granted) return this.#grant(call, usd);
        const stuckUsd = this.#stalled.look(stalled);
        this.#waiting.add(task);
        if (!mayComeBack(pool, usd, stuckUsd + this.#heldUsd(task)))
          return this.#refuse(task, pool, usd, stuckUsd);
        if (!(await wait.until(ring, pool))) return ENDING;
      }
    } catch (error) {
      onError(error);
      return ENDING;
    } finally {
      this.#waiting.delete(task);
      wait.end();
    }
  }

  /** Takes what was paid without being set aside before: the run stops when that was too much. @param usd US dollars; undefined: not known. */
  async charge(task: TaskMoney, usd: number | undefined): Promise<void> {
    const pool = await this.#spend(String(++this.#calls), usd, task.id);
    if (pool?.capUsd === undefined) return;
    if (pool.unpriced) this.#trip(noRoom(pool, undefined, { stuck: this.#stalled.stuck, ownUsd: 0 }));
    else if (leftUsd({ ...pool, reservedUsd: 0 }) < 0) this.#trip(moreThanAllowed(pool));
  }

  leave(taskId: string, leaving: Leaving): void {
    this.#leftOut.add(taskId, leaving);
  }

  /** Takes back the tasks for which there is room by now. To be called before each claim. */
  async reconsider(): Promise<void> {
    const { store } = this.#parts;
    if (this.#leftOut.ids.size > 0) this.#look((await store.pool()) ?? (await this.#emptyPool()));
  }

  /** Whether a task that was left out may still be done: the run that is in the way lives. */
  async waitsForRoom(): Promise<boolean> {
    await this.#leftOut.dropEnded();
    return this.#leftOut.waitsForRoom(this.#watch.pool);
  }

  /** Tasks that were left out, and that nobody has done since, are why the run did not do all. To be called at its end. */
  async tripIfLeftOut(): Promise<void> {
    const { control } = this.#parts;
    this.#waits.tasks(undefined, this.#watch.pool);
    if (control.stopReason && control.stopReason.kind !== 'limit') return;
    await this.#leftOut.dropEnded();
    const reason = this.#leftOut.reason;
    if (reason !== undefined) this.#trip(reason);
  }

  #look(pool: Pool): void {
    this.#watch.look(pool);
    if (this.#leftOut.takeBack(pool)) this.#parts.control.bell.ring();
  }

  /** How the pool stands where nobody has spent anything yet. */
  async #emptyPool(): Promise<Pool> {
    const caps = (await this.#parts.store.runs()).flatMap(({ maxCostUsd }) => maxCostUsd ?? []);
    return { spentUsd: 0, reservedUsd: 0, ...(caps.length > 0 && { capUsd: Math.min(...caps) }) };
  }

  #grant(call: string, usd = 0): Reservation {
    this.#granted.calls++;
    this.#granted.usd += usd;
    return { settle: async (cost) => void (await this.#spend(call, cost)) };
  }

  /** @returns how the pool stands then; undefined: the store broke. */
  async #spend(call: string, usd: number | undefined, task?: string): Promise<Pool | undefined> {
    const { store, control, runId: run, onError } = this.#parts;
    try {
      const pool = await store.spend({
        run,
        call,
        ...(task !== undefined && { task }),
        ...(usd !== undefined && { usd }),
      });
      this.#look(pool);
      control.bell.ring();
      return pool;
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  /**
   * What does not come back to this task by waiting: what it has set aside itself. And where it has any, what others have that wait for more
   * likewise: one of them has to give way.
   */
  #heldUsd(task: TaskMoney): number {
    if (task.asideUsd === 0) return 0;
    return [...this.#waiting].reduce((sum, { asideUsd }) => sum + asideUsd, 0);
  }

  #refuse(task: TaskMoney, pool: Pool, usd: number | undefined, stuckUsd: number): RunRefusal {
    const { calls, usd: sum } = this.#granted;
    const { reason, stops, leaving } = noRoomFor({
      task,
      usd,
      pool,
      stuck: this.#stalled.stuck,
      stuckUsd,
      usualUsd: calls > 0 ? sum / calls : undefined,
      leftOut: this.#leftOut,
    });
    if (stops) this.#trip(reason);
    return { refused: reason, kind: 'transient', ...(leaving && { leaving }) };
  }

  #trip(message: string): void {
    if (this.#tripped) return;
    this.#tripped = true;
    this.#parts.onTrip(message);
    this.#parts.control.stop({ kind: 'safety', message });
  }
}

const ENDING: RunRefusal = { refused: 'the run ends', kind: 'transient' };

/** Whether the call would fit if those that are under way cost nothing. @param heldUsd set aside, and not to come back. */
function mayComeBack(pool: Pool, usd: number | undefined, heldUsd: number): boolean {
  return usd !== undefined && !pool.unpriced && usd <= leftUsd({ ...pool, reservedUsd: heldUsd });
}
