import { leftUsd, type Pool } from '../model/pool.ts';
import type { RunNote, TaskStore } from '../ports/task-store.ts';
import type { MoneyWaits } from './money-waits.ts';
import { doesNotFit } from './money-words.ts';
import type { StalledMoney } from './stalled-money.ts';

/** Most tasks that a run leaves out before it takes money itself for the reason: each costs it a claim. */
const MOST = 100;

/** Why a task is left out, and what would let it be done. */
export interface Leaving {
  reason: string;
  /** US dollars that a call for it may cost. */
  usd: number;
  /** US dollars that were set aside for it already when it found no room: it needs both. */
  ownUsd: number;
  /** Only the cap of another run that lives is in the way: there is room again when that one has left. */
  waits: boolean;
}

interface LeftOutParts {
  store: TaskStore;
  /** The cap of this run, in US dollars. Default: none. */
  maxCostUsd: number | undefined;
  waits: MoneyWaits;
  stalled: Pick<StalledMoney, 'stuck' | 'stuckUsd'>;
  onChange(): void;
}

/**
 * The tasks that a run leaves to others, because a call for them does not fit into the budget, and why. It takes them back as soon as there is
 * room; where only the cap of another run that lives is in the way, it waits for that.
 */
export class LeftOut {
  readonly #parts: LeftOutParts;
  readonly #tasks = new Map<string, Leaving>();
  readonly #ids = new Set<string>();

  constructor(parts: LeftOutParts) {
    this.#parts = parts;
  }

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  get isFull(): boolean {
    return this.#ids.size >= MOST;
  }

  /** Why, of all of them; undefined where there is none. */
  get reason(): string | undefined {
    const [first] = this.#tasks.values();
    const others = this.#ids.size - 1;
    if (first === undefined || others === 0) return first?.reason;
    return `${first.reason}; ${others === 1 ? 'another task does' : `${others} other tasks do`} not fit either`;
  }

  /** As the run lets others see it. */
  get note(): NonNullable<RunNote['safety']>['leftOut'] {
    const { reason } = this;
    return reason === undefined ? undefined : { count: this.#ids.size, reason };
  }

  add(id: string, leaving: Leaving): void {
    this.#ids.add(id);
    this.#tasks.set(id, leaving);
    this.#parts.onChange();
  }

  /** How the pool would stand with the cap of this run alone. */
  withOwnCap(pool: Pool): Pool {
    return { ...pool, capUsd: this.#parts.maxCostUsd ?? Number.POSITIVE_INFINITY };
  }

  /** Takes back those for which the pool has room. @returns whether there are any. */
  takeBack(pool: Pool): boolean {
    const before = this.#ids.size;
    const reservedUsd = Math.min(pool.reservedUsd, this.#parts.stalled.stuckUsd);
    const ownRoom = leftUsd({ ...this.withOwnCap(pool), reservedUsd });
    const room = leftUsd({ ...pool, reservedUsd });
    for (const [id, leaving] of this.#tasks) {
      const needed = leaving.usd + leaving.ownUsd;
      if (needed <= (leaving.waits ? room : ownRoom)) this.#drop(id);
      else if (leaving.waits && needed > ownRoom) this.#waitNoLonger(id, leaving, pool);
    }
    if (this.#ids.size === before) return false;
    if (!this.#anyWaits) this.#parts.waits.tasks(undefined, pool);
    this.#parts.onChange();
    return true;
  }

  /** Drops those that have ended, whoever did them. */
  async dropEnded(): Promise<void> {
    const before = this.#ids.size;
    for (const id of this.#ids) {
      const status = (await this.#parts.store.get(id))?.status;
      if (status !== 'pending' && status !== 'in_progress') this.#drop(id);
    }
    if (this.#ids.size < before) this.#parts.onChange();
  }

  /** Says so while any of them waits for another run to leave. @returns whether one does. */
  waitsForRoom(pool: Pool): boolean {
    const waits = this.#anyWaits;
    this.#parts.waits.tasks(waits ? this.reason : undefined, pool);
    return waits;
  }

  get #anyWaits(): boolean {
    return [...this.#tasks.values()].some(({ waits }) => waits);
  }

  /** So much was spent meanwhile that the cap of this run is in the way too. */
  #waitNoLonger(id: string, leaving: Leaving, pool: Pool): void {
    const held = { stuck: this.#parts.stalled.stuck, ownUsd: leaving.ownUsd };
    const reason = doesNotFit(id, this.withOwnCap(pool), leaving.usd, held);
    this.#tasks.set(id, { ...leaving, reason, waits: false });
  }

  #drop(id: string): void {
    this.#ids.delete(id);
    this.#tasks.delete(id);
  }
}
