import { isoTime } from '../model/clock.ts';
import { decide } from '../model/decide.ts';
import type { StopReason } from '../model/event.ts';
import type { Pool } from '../model/pool.ts';
import type { Checkpoint, Finding, RetryPolicy, Settlement } from '../model/settlement.ts';
import type { Lease, NewTask, Task, TaskEdit } from '../model/task.ts';
import { knownUsd, type Usage } from '../model/usage.ts';
import type {
  ClaimAnswer,
  ClaimRequest,
  NothingToClaim,
  ReserveAnswer,
  ReserveRequest,
  ResetSelection,
  RunCommand,
  RunInfo,
} from '../ports/task-store.ts';
import { soundFindings, soundSettlement } from './check-task.ts';
import { type Entry, taskOf } from './entry.ts';
import { heldUntil, isHeld } from './held.ts';
import { capsOf, fits, Ledger } from './ledger.ts';
import type { Moment } from './moment.ts';
import { planAdd } from './plan-add.ts';
import { planEdit } from './plan-edit.ts';
import { planImport } from './plan-import.ts';
import type { TableRecord } from './record.ts';
import {
  alreadyEnded,
  heldByRun,
  leaseLost,
  neededBy,
  noSuchTask,
  notToRetry,
  otherResult,
} from './refusals.ts';
import type { TaskChange, TaskTable } from './task-table.ts';
import { newToken } from './tokens.ts';

/** The outcomes that the store settles by itself, `crashed` and `cancelled`, do not depend on it. */
const NO_POLICY: RetryPolicy = { maxAttempts: 1, retry: false, minConfidence: 0 };

const NOBODY_ELSE: NothingToClaim = { heldByOthers: 0 };

/**
 * What may be done to a table. Each operation is synchronous and happens whole or not at all: what throws has changed
 * nothing. What it does is told as records, which are all that has to be kept of it.
 */
export class TableOperations {
  readonly #table: TaskTable;
  readonly #moment: Moment;
  readonly #keep: (record: TableRecord) => void;

  /** @param keep takes each record, once it has been applied. */
  constructor(table: TaskTable, moment: Moment, keep: (record: TableRecord) => void = () => {}) {
    this.#table = table;
    this.#moment = moment;
    this.#keep = keep;
  }

  add(tasks: NewTask[]): Task[] {
    const table = this.#table;
    const known = {
      find: (id: string) => table.get(id),
      after: (id: string) => table.entry(id)?.after ?? [],
      dependents: (id: string) => table.queue.dependents(id),
    };
    const plan = planAdd(tasks, known, table.nextId, this.#now());
    plan.records.forEach((record, i) => void this.#do(record, plan.fresh[i]));
    return plan.answer;
  }

  import(tasks: Task[]): Task[] {
    const fresh = planImport(tasks, (id) => this.#table.entry(id));
    for (const task of fresh) this.#do({ op: 'import', task });
    return fresh;
  }

  /** @throws Error when the run has not joined: nobody could tell whether it lives. */
  claim(request: ClaimRequest): ClaimAnswer {
    const { run, leaseMs, only, except } = request;
    const { now, isLive } = this.#moment;
    if (!isLive(run)) throw new Error(`run ${run} has to join the store before it claims`);
    const held = this.#takeOver(request);
    const next = this.#table.queue.next(now, only, except);
    if (next === undefined) {
      const dueAt = this.#table.queue.nextDue(now, only);
      return { ...held, ...(dueAt !== undefined && { dueAt: isoTime(dueAt) }) };
    }
    const expiresAt = isoTime(now + leaseMs);
    const lease: Lease = { taskId: next, run, token: newToken(), since: this.#now(), expiresAt };
    const task = this.#change({ op: 'claim', lease });
    return held.setAside ? { task, lease, setAside: held.setAside } : { task, lease };
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Task {
    const kept = soundFindings(this.#heldBy(lease), checkpoint);
    return this.#change({ op: 'checkpoint', id: lease.taskId, checkpoint: kept });
  }

  settle(lease: Lease, settlement: Settlement): Task {
    const kept = soundSettlement(this.#heldBy(lease), settlement);
    return this.#change({ op: 'settle', id: lease.taskId, at: this.#now(), settlement: kept });
  }

  renew(leases: Lease[], leaseMs: number): Lease[] {
    const lost: Lease[] = [];
    const ids: string[] = [];
    for (const lease of leases) {
      const task = this.#table.inProgress().get(lease.taskId);
      if (task && isHolder(task, lease)) ids.push(task.id);
      else lost.push(lease);
    }
    if (ids.length > 0) this.#do({ op: 'renew', ids, expiresAt: isoTime(this.#moment.now + leaseMs) });
    return lost;
  }

  reset(selection: ResetSelection): Task[] {
    const selected = this.#select(selection);
    for (const task of selected) if (isHeld(task, this.#moment)) throw heldByRun(task);
    const at = this.#now();
    if (selection === 'all') this.#unstop();
    return selected
      .filter((task) => !isClean(task))
      .map((task) => {
        const usage = this.#underWay(task);
        return this.#change({ op: 'reset', id: task.id, at, ...(usage && { usage }) });
      });
  }

  retry(ids: string[], feedback?: string): Task[] {
    const tasks = this.#named(new Set(ids));
    for (const task of tasks) {
      if (isHeld(task, this.#moment)) throw heldByRun(task);
      const isEnded = task.status === 'failed' || (task.status === 'completed' && feedback !== undefined);
      if (!isEnded) throw notToRetry(task);
    }
    const said = feedback === undefined ? {} : { feedback };
    return tasks.map(({ id }) => this.#change({ op: 'retry', id, ...said }));
  }

  edit(id: string, edit: TaskEdit): Task {
    const task = this.#table.get(id);
    if (!task) throw noSuchTask(id);
    if (isHeld(task, this.#moment)) throw heldByRun(task);
    const changed = planEdit(task, edit, (other) => this.#table.entry(other));
    if (Object.keys(changed).length === 0) return task;
    return this.#change({ op: 'edit', id, at: this.#now(), edit: changed });
  }

  reopen(id: string, result: string, finding: Finding): Task {
    const [task] = this.#named(new Set([id])) as [Task];
    if (task.status !== 'completed' || task.result !== result) throw otherResult(task);
    return this.#change({ op: 'reopen', id, at: this.#now(), finding: soundFindings(task, finding) });
  }

  cancel(ids: string[]): Task[] {
    const tasks = this.#named(new Set(ids));
    for (const task of tasks) {
      if (task.status === 'completed' || task.status === 'failed') throw alreadyEnded(task);
    }
    return tasks.map((task) => this.#settleAs(task, 'cancelled'));
  }

  remove(ids: string[]): void {
    const all = new Set(ids);
    const removed = this.#named(all);
    for (const task of removed) {
      if (isHeld(task, this.#moment)) throw heldByRun(task);
      const dependent = this.#dependent(task, all);
      if (dependent !== undefined) throw neededBy(task, dependent);
    }
    for (const { id } of removed) this.#do({ op: 'remove', id });
  }

  /** @param runs those that live. */
  control(command: RunCommand, runs: string[]): void {
    if (runs.length > 0) this.#do({ op: 'control', command, runs });
  }

  /** A run has left. Where nothing stopped it, and nothing had stopped the one before, there is nothing to keep. */
  left(run: string, stop?: StopReason): void {
    if (stop || this.#table.lastStop) this.#do({ op: 'left', run, at: this.#now(), ...(stop && { stop }) });
  }

  /** A run begins: what it overlaps with is one pool of money, and what stopped the last one is past. */
  join(run: string): void {
    const { ledger } = this.#table;
    if (ledger.isOpen(this.#moment.isLive)) this.#do({ op: 'join', run });
    this.#unstop();
  }

  /** @param runs those that live. @throws Error when the run has not joined. */
  reserve({ run, call, task, usd: asked }: ReserveRequest, runs: readonly RunInfo[]): ReserveAnswer {
    const usd = knownUsd(asked);
    if (!runs.some(({ id }) => id === run))
      throw new Error(`run ${run} has to join the store before it spends`);
    const { ledger } = this.#table;
    const { isLive } = this.#moment;
    const before = ledger.isOpen(isLive) ? ledger : new Ledger();
    const granted = fits(before.pool(isLive, capsOf(runs)), usd);
    if (granted) {
      this.#do({
        op: 'reserve',
        run,
        call,
        ...(task !== undefined && { task }),
        ...(usd !== undefined && { usd }),
        ...this.#newMembers(run, runs),
      });
    }
    const pool = (granted ? ledger : before).pool(isLive, capsOf(runs));
    const stalled = granted ? undefined : this.#stalled(before, run);
    return { granted, pool, ...(stalled && { stalled }) };
  }

  /** @param runs those that live. What is no call that money was set aside for was paid all the same. */
  spend({ run, call, task, usd }: ReserveRequest, runs: readonly RunInfo[]): Pool {
    const isLive = runs.some(({ id }) => id === run);
    this.#do({
      op: 'spend',
      run,
      call,
      ...(task !== undefined && { task }),
      ...(usd !== undefined && { usd }),
      ...(isLive && this.#newMembers(run, runs)),
    });
    return this.#table.ledger.pool(this.#moment.isLive, capsOf(runs));
  }

  /** Whether a pool begins with what a run does now, and who is in it that has not spent anything yet. */
  #newMembers(run: string, runs: readonly RunInfo[]): { opens?: true; members?: string[] } {
    const { ledger } = this.#table;
    const opens = !ledger.isOpen(this.#moment.isLive);
    const members = runs.map(({ id }) => id).filter((id) => id !== run && (opens || !ledger.has(id)));
    return { ...(opens && { opens }), ...(members.length > 0 && { members }) };
  }

  /** What was set aside by others which live, and whose calls are for no task that they still hold. */
  #stalled(ledger: Ledger, run: string): Record<string, number> | undefined {
    const { now, isLive } = this.#moment;
    const working = new Set([run]);
    this.#table.inProgress().forEach(({ lease }) => {
      if (lease && Date.parse(lease.expiresAt) > now) working.add(lease.run);
    });
    const stalled = ledger.reserved().filter(([id]) => !working.has(id) && isLive(id));
    return stalled.length > 0 ? Object.fromEntries(stalled) : undefined;
  }

  /** Ends what other runs left behind, each as a crash. @returns what others hold still. */
  #takeOver({ run, leaseMs, only }: ClaimRequest): NothingToClaim {
    // A run that claims lives: what it holds itself stays.
    if (this.#table.inProgress().isAllOf(run)) return NOBODY_ELSE;
    let matters: ReadonlySet<string> | undefined;
    let held = 0;
    let first = Number.POSITIVE_INFINITY;
    const left: Task[] = [];
    this.#table.inProgress().forEach((task) => {
      if (task.lease?.run === run) return;
      matters ??= only && this.#withDependencies(only);
      if (matters && !matters.has(task.id)) return;
      const end = heldUntil(task, leaseMs, this.#moment);
      if (end <= this.#moment.now) left.push(task);
      else {
        held++;
        first = Math.min(first, end);
      }
    });
    const ended = left.map((task) => this.#settleAs(task, 'crashed'));
    const setAside = ended.filter((task) => task.status === 'failed');
    const answer: NothingToClaim = { heldByOthers: held };
    if (held > 0) answer.leaseEndsAt = isoTime(first);
    if (setAside.length > 0) answer.setAside = setAside;
    return answer;
  }

  #unstop(): void {
    if (this.#table.lastStop) this.#do({ op: 'unstop' });
  }

  /** These tasks and all that they wait for, directly or not. */
  #withDependencies(ids: ReadonlySet<string>): ReadonlySet<string> {
    const all = new Set(ids);
    for (const id of all) for (const dependency of this.#table.entry(id)?.after ?? []) all.add(dependency);
    return all;
  }

  #select(selection: ResetSelection): Task[] {
    if (typeof selection === 'object') return this.#named(new Set(selection.ids));
    const all = [...this.#table.entries()];
    if (selection === 'all') return all.map(taskOf);
    const isLeft = (entry: Entry) => entry.status === 'in_progress' && !isHeld(taskOf(entry), this.#moment);
    return all.filter((entry) => entry.status === 'failed' || isLeft(entry)).map(taskOf);
  }

  /** What its run was asking for may have been billed. */
  #underWay({ id, lease }: Task): Usage | undefined {
    return lease && this.#table.ledger.possible(lease.run, id);
  }

  #settleAs(task: Task, type: 'cancelled' | 'crashed'): Task {
    const settlement = decide(task, { type, usage: this.#underWay(task) }, NO_POLICY);
    return this.#change({ op: 'settle', id: task.id, at: this.#now(), settlement });
  }

  /** @throws `not-found` */
  #named(ids: ReadonlySet<string>): Task[] {
    return [...ids].map((id) => {
      const task = this.#table.get(id);
      if (!task) throw noSuchTask(id);
      return task;
    });
  }

  /** @throws `lease-lost` */
  #heldBy(lease: Lease): Task {
    const task = this.#table.inProgress().get(lease.taskId);
    if (task && isHolder(task, lease)) return task;
    throw leaseLost(lease);
  }

  /** An unfinished task that comes after this one, and is none of the others. */
  #dependent({ id }: Task, others: ReadonlySet<string>): string | undefined {
    for (const dependent of this.#table.queue.dependents(id)) {
      if (!others.has(dependent) && this.#table.entry(dependent)?.status !== 'completed') return dependent;
    }
    return undefined;
  }

  #change(record: TaskChange): Task {
    const task = this.#table.taskAfter(record);
    this.#do(record, task);
    return task;
  }

  #do(record: TableRecord, task?: Task): void {
    this.#table.apply(record, task);
    this.#keep(record);
  }

  #now(): string {
    return isoTime(this.#moment.now);
  }
}

function isHolder({ lease }: Task, { token, run }: Lease): boolean {
  return lease !== undefined && lease.token === token && lease.run === run;
}

/** As it was added: a reset would change nothing. */
function isClean(task: Task): boolean {
  return task.status === 'pending' && task.attempts === 0 && task.startedAt === undefined;
}
