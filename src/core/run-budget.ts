import { leftUsd, type Pool } from '../model/pool.ts';
import { mostUsd, type Usage } from '../model/usage.ts';
import type { Budget, Refusal, Reservation } from '../ports/budget.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { RunControl } from './control.ts';

/** Share of a cap that may be spent before somebody is warned. */
const WARN_AT = 0.8;

export interface RunBudgetParts {
  runId: string;
  store: TaskStore;
  control: RunControl;
  /** US dollars that one task may cost, all of its attempts together. Default: no limit. */
  maxTaskCostUsd: number | undefined;
  /** Most of the cap is spent. Called once. */
  onWarning(pool: Pool): void;
  /** The cap leaves no room for another call: the run has been told to stop. Called once. */
  onTrip(reason: string): void;
  /** The store broke. */
  onError(error: unknown): void;
}

/**
 * Money of a run: set aside in the store before each call and settled after it, so that the cap holds at any concurrency, and over all runs
 * that share the store. A call that finds no room waits while others may give back what they have set aside; when nothing can come back,
 * the run stops.
 */
export class RunBudget {
  readonly #parts: RunBudgetParts;
  #calls = 0;
  #warned = false;
  #tripped = false;

  constructor(parts: RunBudgetParts) {
    this.#parts = parts;
  }

  /** @param spent what the task has cost so far, whoever paid for it. */
  forTask(spent: () => Usage | undefined): Budget {
    return {
      reserve: async (usd, signal) => this.#tooDear(spent(), usd) ?? (await this.#reserve(usd, signal)),
    };
  }

  #tooDear(spent: Usage | undefined, usd: number | undefined): Refusal | undefined {
    const { maxTaskCostUsd } = this.#parts;
    if (maxTaskCostUsd === undefined) return undefined;
    const soFar = spent ? mostUsd(spent) : 0;
    if (soFar === undefined || usd === undefined) {
      return { refused: 'what the task costs is not known, and it has a limit', kind: 'permanent' };
    }
    if (soFar + usd <= maxTaskCostUsd) return undefined;
    const refused = `the task has cost ${money(soFar)}, and another call may cost ${money(usd)}: more than the ${money(maxTaskCostUsd)} that a task may cost`;
    return { refused, kind: 'permanent' };
  }

  async #reserve(usd: number | undefined, signal: AbortSignal): Promise<Reservation | Refusal> {
    const { store, control, runId: run } = this.#parts;
    const call = String(++this.#calls);
    try {
      for (;;) {
        const ring = control.bell.next();
        const { granted, pool } = await store.reserve({ run, call, ...(usd !== undefined && { usd }) });
        this.#look(pool);
        if (granted) return { settle: (cost) => this.#settle(call, cost) };
        if (!mayComeBack(pool, usd)) return this.#trip(pool, usd);
        await untilRingOrEnd(ring, [signal, control.givingBack]);
        if (signal.aborted || control.givingBack.aborted) return ENDING;
      }
    } catch (error) {
      this.#parts.onError(error);
      return ENDING;
    }
  }

  async #settle(call: string, usd: number | undefined): Promise<void> {
    const { store, control, runId: run, onError } = this.#parts;
    try {
      this.#look(await store.spend({ run, call, ...(usd !== undefined && { usd }) }));
      control.bell.ring();
    } catch (error) {
      onError(error);
    }
  }

  #look(pool: Pool): void {
    const { capUsd, spentUsd } = pool;
    if (this.#warned || capUsd === undefined || spentUsd < WARN_AT * capUsd) return;
    this.#warned = true;
    this.#parts.onWarning(pool);
  }

  #trip(pool: Pool, usd: number | undefined): Refusal {
    const message = noRoom(pool, usd);
    if (!this.#tripped) {
      this.#tripped = true;
      this.#parts.onTrip(message);
      this.#parts.control.stop({ kind: 'safety', message });
    }
    return { refused: message, kind: 'transient' };
  }
}

const ENDING: Refusal = { refused: 'the run ends', kind: 'transient' };

/** Whether the call would fit if those that are under way cost nothing. */
function mayComeBack(pool: Pool, usd: number | undefined): boolean {
  if (usd === undefined || pool.unpriced || pool.reservedUsd === 0) return false;
  return usd <= leftUsd({ ...pool, reservedUsd: 0 });
}

function noRoom({ spentUsd, capUsd = 0, unpriced }: Pool, usd: number | undefined): string {
  const budget = `the budget of ${money(capUsd)}`;
  if (usd === undefined || unpriced) return `what a call costs is not known, so that ${budget} cannot hold`;
  return `${budget} leaves no room: ${money(spentUsd)} is spent, and another call may cost ${money(usd)}`;
}

/** `$0.0834`, `$12.50` */
function money(usd: number): string {
  return `$${usd >= 1 ? usd.toFixed(2) : Number(usd.toPrecision(3))}`;
}

/** Leaves no listener behind. */
async function untilRingOrEnd(ring: Promise<void>, signals: AbortSignal[]): Promise<void> {
  const end = AbortSignal.any(signals);
  const ended = Promise.withResolvers<void>();
  const onEnd = () => ended.resolve();
  if (end.aborted) return;
  end.addEventListener('abort', onEnd);
  await Promise.race([ring, ended.promise]);
  end.removeEventListener('abort', onEnd);
}
