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
  /** What was spent on a task since its claim began, or since its output was kept, by its id. `null`: a price is not known. */
  settled?: Record<string, number | null>;
  unpriced?: true;
  /** Its pool has closed. It is kept for its `tasks` and `settled` alone, until their claims end. */
  past?: true;
}

/** What a record on a pool may say beside: `opens`: no member lived any more, a new pool begins; `members`: runs that live and spent nothing yet. */
interface Enlisting {
  opens?: true;
  members?: string[];
}

/** Changes of the ledger. Their amounts are US dollars. */
export type LedgerRecord =
  /** A run began while members of the pool lived. */
  | { op: 'join'; run: string }
  /** `usd` absent: the price is not known. `task`: the one that it is for. */
  | ({ op: 'reserve'; run: string; call: string; task?: string; usd?: number } & Enlisting)
  | ({ op: 'spend'; run: string; call: string; task?: string; usd?: number } & Enlisting);

/** What happens to a task, as far as it ends what is kept for its claim: the task itself tells of it from then on. */
export interface TaskAccounted {
  op: 'checkpoint' | 'settle' | 'reset' | 'remove';
  id: string;
}

/** Sums of fractions are off by less than this: a billionth of a dollar. */
const ROUNDING = 1e-9;

/** Money of the runs that overlap in time: a pure fold of its records, like the tasks beside it. */
export class Ledger {
  readonly #members = new Map<string, LedgerEntry>();

  apply(record: LedgerRecord): void {
    if ('opens' in record && record.opens) this.close();
    const entry = this.#entry(record.run);
    if (record.op === 'join') return;
    for (const run of record.members ?? []) this.#entry(run);
    // What is no amount, and what JSON made `null` of, is not known.
    const usd = knownUsd(record.usd);
    if (record.op === 'reserve') reserve(entry, record.call, usd, record.task);
    else spend(entry, record.call, usd, record.task);
  }

  /** The task tells by itself what it cost so far. With a kept output its claim goes on, and what is under way is for it still. */
  accounted({ op, id }: TaskAccounted): void {
    for (const [run, entry] of this.#members) {
      forget(entry, id, op !== 'checkpoint');
      if (entry.past && !isNeeded(entry)) this.#members.delete(run);
    }
  }

  /** What a task may have cost in a run, beyond what it tells by itself: what was spent on it, and calls under way. @returns undefined where nothing was. */
  possible(run: string, task: string): Usage | undefined {
    const { reserved = {}, tasks = {}, settled = {} } = this.#members.get(run) ?? {};
    const calls = Object.keys(tasks).filter((call) => tasks[call] === task);
    const spent = own(settled, task) ?? (Object.hasOwn(settled, task) ? null : 0);
    if (calls.length === 0 && spent === 0) return undefined;
    const usage: Usage = { inputTokens: 0, outputTokens: 0 };
    if (spent === null || !calls.every((call) => Object.hasOwn(reserved, call))) return usage;
    const possibleUsd = calls.reduce((sum, call) => sum + (reserved[call] ?? 0), spent);
    return { ...usage, costUsd: 0, ...(possibleUsd > 0 && { possibleUsd }) };
  }

  /** What each run has set aside, in US dollars; those that have nothing are left out. */
  reserved(): [run: string, usd: number][] {
    const all = this.#current().map(([run, entry]): [string, number] => [run, asideOf(entry)]);
    return all.filter(([, usd]) => usd > 0);
  }

  has(run: string): boolean {
    return this.#current().some(([id]) => id === run);
  }

  /** Whether a member lives. */
  isOpen(isLive: (run: string) => boolean): boolean {
    return this.#current().some(([run]) => isLive(run));
  }

  /** @param caps of the runs that live. */
  pool(isLive: (run: string) => boolean, caps: readonly number[]): Pool {
    const pool: Pool = { spentUsd: 0, reservedUsd: 0 };
    for (const [run, entry] of this.#current()) {
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
    for (const [run, entry] of Object.entries(entries)) this.#members.set(run, structuredClone(entry));
  }

  /** The pool has closed. Who ends the claims of dead runs asks for what those may have cost. */
  close(): void {
    for (const [run, entry] of this.#members) {
      if (isNeeded(entry)) this.#members.set(run, { ...entry, past: true });
      else this.#members.delete(run);
    }
  }

  #current(): [run: string, entry: LedgerEntry][] {
    return [...this.#members].filter(([, { past }]) => !past);
  }

  #entry(run: string): LedgerEntry {
    const entry = this.#members.get(run) ?? { spent: 0 };
    this.#members.set(run, entry);
    return entry;
  }
}

function reserve(entry: LedgerEntry, call: string, usd: number | undefined, task: string | undefined): void {
  if (usd === undefined) entry.unpriced = true;
  else entry.reserved = { ...entry.reserved, [call]: usd };
  if (task !== undefined) entry.tasks = { ...entry.tasks, [call]: task };
}

function spend(entry: LedgerEntry, call: string, usd: number | undefined, paidFor: string | undefined): void {
  const task = paidFor ?? own(entry.tasks, call);
  delete entry.reserved?.[call];
  delete entry.tasks?.[call];
  if (usd === undefined) entry.unpriced = true;
  else entry.spent = sumOf(entry.spent, usd);
  if (task === undefined) return;
  const before = own(entry.settled, task);
  const sum = usd === undefined || before === null ? null : sumOf(before ?? 0, usd);
  entry.settled = { ...entry.settled, [task]: sum };
}

function forget(entry: LedgerEntry, task: string, isOver: boolean): void {
  if (entry.settled) delete entry.settled[task];
  if (!isOver || !entry.tasks) return;
  for (const [call, id] of Object.entries(entry.tasks)) if (id === task) delete entry.tasks[call];
}

/** Whether something is kept for a claim that has not ended. */
function isNeeded({ tasks = {}, settled = {} }: LedgerEntry): boolean {
  return Object.keys(tasks).length + Object.keys(settled).length > 0;
}

/** Names are anybody's: `toString`, say. */
function own<T>(values: Record<string, T> | undefined, name: string): T | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Never infinite: no file could hold that. */
function sumOf(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_VALUE);
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
