import { isoTime } from '../model/clock.ts';
import { decide } from '../model/decide.ts';
import type { StopReason } from '../model/event.ts';
import type { Pool } from '../model/pool.ts';
import type { Checkpoint, Finding, RetryPolicy, Settlement } from '../model/settlement.ts';
import type { Lease, NewTask, Task, TaskEdit } from '../model/task.ts';
import type { Usage } from '../model/usage.ts';
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
import { type AddedTasks, applyPlan } from './apply-plan.ts';
import { soundFindings, soundSettlement } from './check-task.ts';
import { isHeld } from './held.ts';
import { capsOf } from './ledger.ts';
import { leftBehind } from './left-behind.ts';
import type { Moment } from './moment.ts';
import { namedTasks } from './named-tasks.ts';
import { type KnownTasks, planAdd } from './plan-add.ts';
import { planEdit } from './plan-edit.ts';
import { planImport } from './plan-import.ts';
import { planReserve, planSpend } from './plan-money.ts';
import { planReset } from './plan-reset.ts';
import type { TableRecord } from './record.ts';
import { alreadyEnded, heldByRun, leaseLost, neededBy, notToRetry, otherResult } from './refusals.ts';
import type { TaskChange, TaskTable } from './task-table.ts';
import { newToken } from './tokens.ts';
import { ListedTasks } from './wanted.ts';

/** The outcomes that the store settles by itself, `crashed` and `cancelled`, do not depend on it. */
const NO_POLICY: RetryPolicy = { maxAttempts: 1, retry: false, minConfidence: 0 };

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

  add(tasks: readonly NewTask[]): AddedTasks {
    const wanted = new ListedTasks(tasks);
    const plan = planAdd(wanted, knownIn(this.#table), this.#table.nextId);
    return applyPlan(plan, wanted, this.#now(), (record, task) => this.#do(record, task));
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
    const held = this.takeOver(request);
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
    const tasks = planReset(selection, this.#table, this.#moment);
    const at = this.#now();
    if (selection === 'all') this.#unstop();
    return tasks.map((task) => {
      const usage = this.#underWay(task);
      return this.#change({ op: 'reset', id: task.id, at, ...(usage && { usage }) });
    });
  }

  retry(ids: string[], feedback?: string): Task[] {
    const tasks = namedTasks(ids, this.#table);
    for (const task of tasks) {
      if (isHeld(task, this.#moment)) throw heldByRun(task);
      const isEnded = task.status === 'failed' || (task.status === 'completed' && feedback !== undefined);
      if (!isEnded) throw notToRetry(task);
    }
    const said = feedback === undefined ? {} : { feedback };
    return tasks.map(({ id }) => this.#change({ op: 'retry', id, ...said }));
  }

  edit(id: string, edit: TaskEdit): Task {
    const [task] = namedTasks([id], this.#table) as [Task];
    if (isHeld(task, this.#moment)) throw heldByRun(task);
    const changed = planEdit(task, edit, (other) => this.#table.entry(other));
    if (Object.keys(changed).length === 0) return task;
    return this.#change({ op: 'edit', id, at: this.#now(), edit: changed });
  }

  reopen(id: string, result: string, finding: Finding): Task {
    const [task] = namedTasks([id], this.#table) as [Task];
    if (task.status !== 'completed' || task.result !== result) throw otherResult(task);
    return this.#change({ op: 'reopen', id, at: this.#now(), finding: soundFindings(task, finding) });
  }

  cancel(ids: string[]): Task[] {
    const tasks = namedTasks(ids, this.#table);
    for (const task of tasks) {
      if (task.status === 'completed' || task.status === 'failed') throw alreadyEnded(task);
    }
    return tasks.map((task) => this.#settleAs(task, 'cancelled'));
  }

  remove(ids: string[]): void {
    const all = new Set(ids);
    const removed = namedTasks(all, this.#table);
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
  reserve(request: ReserveRequest, runs: readonly RunInfo[]): ReserveAnswer {
    const plan = planReserve(request, runs, this.#table, this.#moment);
    if ('refused' in plan) return plan.refused;
    this.#do(plan.record);
    return { granted: true, pool: this.#pool(runs) };
  }

  /** @param runs those that live. What is no call that money was set aside for was paid all the same. */
  spend(request: ReserveRequest, runs: readonly RunInfo[]): Pool {
    this.#do(planSpend(request, runs, this.#table.ledger, this.#moment));
    return this.#pool(runs);
  }

  #pool(runs: readonly RunInfo[]): Pool {
    return this.#table.ledger.pool(this.#moment.isLive, capsOf(runs));
  }

  /** Ends what other runs left behind, each as a crash. @returns what others hold still. */
  takeOver(request: ClaimRequest): NothingToClaim {
    const { left, held, firstEnd } = leftBehind(request, this.#table, this.#moment);
    const ended = left.map((task) => this.#settleAs(task, 'crashed'));
    const setAside = ended.filter((task) => task.status === 'failed');
    const answer: NothingToClaim = { heldByOthers: held };
    if (held > 0) answer.leaseEndsAt = isoTime(firstEnd);
    if (setAside.length > 0) answer.setAside = setAside;
    return answer;
  }

  #unstop(): void {
    if (this.#table.lastStop) this.#do({ op: 'unstop' });
  }

  /** What its run was asking for may have been billed. */
  #underWay({ id, lease }: Task): Usage | undefined {
    return lease && this.#table.ledger.possible(lease.run, id);
  }

  #settleAs(task: Task, type: 'cancelled' | 'crashed'): Task {
    const settlement = decide(task, { type, usage: this.#underWay(task) }, NO_POLICY);
    return this.#change({ op: 'settle', id: task.id, at: this.#now(), settlement });
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

/** The tasks of a table, for who adds others. */
export function knownIn(table: TaskTable): KnownTasks {
  return {
    find: (id) => table.entry(id),
    after: (id) => table.entry(id)?.after ?? [],
    dependents: (id) => table.queue.dependents(id),
  };
}

function isHolder({ lease }: Task, { token, run }: Lease): boolean {
  return lease !== undefined && lease.token === token && lease.run === run;
}
