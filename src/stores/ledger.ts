import { leftUsd, type Pool } from '../model/pool.ts';
import { knownUsd, type Usage } from '../model/usage.ts';
import type { RunInfo } from '../ports/task-store.ts';

/** What a run of the pool spent and set aside, in US dollars, as it is kept. */
export interface LedgerEntry {
  spent: number;
  /** By the id of the call. */
  reserved?: Record<string, number>;
  /** The tasks that calls under way are for, by the id of the call. */
  tasks?: Record<string, string>;
  unpriced?: true;
}

/** Changes of the ledger. Their amounts are US dollars. */
export type LedgerRecord =
  /** A run began while members of the pool lived. */
  | { op: 'join'; run: string }
  /** `usd` absent: the price is not known. `opens`: no member lived any more, a new pool begins. `members`: runs that live and spent nothing yet. */
  | {
      op: 'reserve';
      run: string;
      call: string;
      task?: string;
      usd?: number;
      opens?: true;
      members?: string[];
    }
  | { op: 'spend'; run: string; call: string; usd?: number };

/** Sums of fractions are off by less than this: a billionth of a dollar. */
const ROUNDING = 1e-9;

/** Money of the runs that overlap in time: a pure fold of its records, like the tasks beside it. */
export class Ledger {
  readonly #members = new Map<string, LedgerEntry>();

  apply(record: LedgerRecord): void {
    if (record.op === 'reserve' && record.opens) this.#members.clear();
    const entry = this.#entry(record.run);
    // What is no amount, and what JSON made `null` of, is not known.
    const usd = 'usd' in record ? knownUsd(record.usd) : undefined;
    switch (record.op) {
      case 'join':
        break;
      case 'reserve':
        for (const run of record.members ?? []) this.#entry(run);
        if (usd === undefined) entry.unpriced = true;
        else entry.reserved = { ...entry.reserved, [record.call]: usd };
        if (record.task !== undefined) entry.tasks = { ...entry.tasks, [record.call]: record.task };
        break;
      case 'spend':
        delete entry.reserved?.[record.call];
        delete entry.tasks?.[record.call];
        if (usd === undefined) entry.unpriced = true;
        else entry.spent = Math.min(entry.spent + usd, Number.MAX_VALUE);
    }
  }

  /** What a run's calls under way for a task may have cost by now. @returns undefined where there is none. */
  possible(run: string, task: string): Usage | undefined {
    const { reserved = {}, tasks = {} } = this.#members.get(run) ?? {};
    const calls = Object.keys(tasks).filter((call) => tasks[call] === task);
    if (calls.length === 0) return undefined;
    const usage: Usage = { inputTokens: 0, outputTokens: 0 };
    if (!calls.every((call) => Object.hasOwn(reserved, call))) return usage;
    return { ...usage, costUsd: 0, possibleUsd: calls.reduce((sum, call) => sum + (reserved[call] ?? 0), 0) };
  }

  /** What each run has set aside, in US dollars; those that have nothing are left out. */
  reserved(): [run: string, usd: number][] {
    const all = [...this.#members].map(([run, entry]): [string, number] => [run, asideOf(entry)]);
    return all.filter(([, usd]) => usd > 0);
  }

  has(run: string): boolean {
    return this.#members.has(run);
  }

  /** Whether a member lives. */
  isOpen(isLive: (run: string) => boolean): boolean {
    return [...this.#members.keys()].some(isLive);
  }

  /** @param caps of the runs that live. */
  pool(isLive: (run: string) => boolean, caps: readonly number[]): Pool {
    const pool: Pool = { spentUsd: 0, reservedUsd: 0 };
    for (const [run, entry] of this.#members) {
      const aside = asideOf(entry);
      pool.spentUsd += entry.spent;
      if (isLive(run)) pool.reservedUsd += aside;
      else pool.spentUsd += aside;
      if (entry.unpriced) pool.unpriced = true;
    }
    return caps.length > 0 ? { ...pool, capUsd: Math.min(...caps) } : pool;
  }

  entries(): Record<string, LedgerEntry> {
    return Object.fromEntries(this.#members);
  }

  restore(entries: Record<string, LedgerEntry>): void {
    for (const [run, entry] of Object.entries(entries)) this.#members.set(run, { ...entry });
  }

  /** The pool has closed. @param isNeeded whether a run may still be asked about its calls under way. */
  clear(isNeeded: (run: string) => boolean): void {
    for (const run of this.#members.keys()) if (!isNeeded(run)) this.#members.delete(run);
  }

  #entry(run: string): LedgerEntry {
    const entry = this.#members.get(run) ?? { spent: 0 };
    this.#members.set(run, entry);
    return entry;
  }
}

function asideOf({ reserved = {} }: LedgerEntry): number {
  return Object.values(reserved).reduce((sum, usd) => sum + usd, 0);
}

/** Whether a pool has room for this. What has no price fits where nobody has a cap. @param usd undefined: the price is not known. */
export function fits(pool: Pool, usd: number | undefined): boolean {
  if (pool.capUsd === undefined) return true;
  return usd !== undefined && !pool.unpriced && usd <= leftUsd(pool) + ROUNDING;
}

/** @param runs those that live. */
export function capsOf(runs: readonly RunInfo[]): number[] {
  return runs.flatMap(({ maxCostUsd }) => maxCostUsd ?? []);
}

/** How the pool of the runs that live stands. @returns undefined when nothing was spent by them or by those that they overlapped. */
export function poolOf(ledger: Ledger, runs: readonly RunInfo[]): Pool | undefined {
  const live = new Set(runs.map(({ id }) => id));
  const isLive = (run: string) => live.has(run);
  return ledger.isOpen(isLive) ? ledger.pool(isLive, capsOf(runs)) : undefined;
}
