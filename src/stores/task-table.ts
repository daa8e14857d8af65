import { isoTime } from '../model/clock.ts';
import { decide } from '../model/decide.ts';
import type { Checkpoint, Outcome, RetryPolicy, Settlement } from '../model/settlement.ts';
import type { Counts, Lease, NewTask, Task } from '../model/task.ts';
import { checkpointed, claimed, renewed, resetTask, settled } from '../model/transitions.ts';
import type {
  ClaimAnswer,
  ClaimRequest,
  ListFilter,
  NothingToClaim,
  ResetSelection,
} from '../ports/task-store.ts';
import { checkTask } from './check-task.ts';
import { heldUntil, isHeld } from './held.ts';
import type { Moment } from './moment.ts';
import { planAdd } from './plan-add.ts';
import { ReadyQueue } from './ready-queue.ts';
import { alreadyEnded, heldByRun, leaseLost, neededBy, noSuchTask } from './refusals.ts';
import { numberAfter } from './task-ids.ts';

/** What a table starts from. */
export interface TableContent {
  tasks: Iterable<Task>;
  /** Number of the next automatic id. */
  nextId: number;
}

/** The outcomes that the table settles by itself, `crashed` and `cancelled`, do not depend on it. */
const NO_POLICY: RetryPolicy = { maxAttempts: 1, retry: false, minConfidence: 0 };

/**
 * The tasks of a store in memory, and every change to them. Each operation is synchronous and happens whole or
 * not at all: what throws has changed nothing. Tasks are immutable; a change puts a new one in the old one's place.
 */
export class TaskTable {
  readonly #tasks = new Map<string, Task>();
  readonly #queue = new ReadyQueue((id) => this.#tasks.get(id));
  readonly #inProgress = new Set<string>();
  readonly #counts = { pending: 0, in_progress: 0, completed: 0, failed: 0 };
  #nextId: number;
  #changes = 0;

  constructor(content: TableContent = { tasks: [], nextId: 1 }) {
    this.#nextId = content.nextId;
    for (const task of content.tasks) {
      this.#put(task);
      this.#nextId = Math.max(this.#nextId, numberAfter(task.id));
    }
    this.#changes = 0;
  }

  /** Grows with each change: 0 as long as the table is what it was made from. */
  get changes(): number {
    return this.#changes;
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** In the order they were added. */
  tasks(): Task[] {
    return [...this.#tasks.values()];
  }

  get(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  list({ status, tag, limit = Number.POSITIVE_INFINITY }: ListFilter = {}): Task[] {
    const found: Task[] = [];
    for (const task of this.#tasks.values()) {
      if (found.length >= limit) break;
      if (status !== undefined && task.status !== status) continue;
      if (tag !== undefined && !task.tags?.includes(tag)) continue;
      found.push(task);
    }
    return found;
  }

  counts(): Counts {
    return { ...this.#counts, blocked: this.#queue.blocked, total: this.#tasks.size };
  }

  add(tasks: NewTask[], { now }: Moment): Task[] {
    const plan = planAdd(tasks, (id) => this.#tasks.get(id), this.#nextId, isoTime(now));
    this.#nextId = plan.nextId;
    for (const task of plan.fresh.values()) this.#put(task);
    return plan.answer;
  }

  /** @throws Error when the run has not joined: nobody could tell whether it lives. */
  claim(request: ClaimRequest, moment: Moment): ClaimAnswer {
    const { run, leaseMs, only } = request;
    const { now } = moment;
    if (!moment.isLive(run)) throw new Error(`run ${run} has to join the store before it claims`);
    const held = this.#takeOver(request, moment);
    const next = this.#queue.next(now, only);
    if (!next) {
      const dueAt = this.#queue.nextDue(now, only);
      return { ...held, ...(dueAt !== undefined && { dueAt: isoTime(dueAt) }) };
    }
    const lease: Lease = {
      taskId: next.id,
      run,
      token: globalThis.crypto.randomUUID(),
      since: isoTime(now),
      expiresAt: isoTime(now + leaseMs),
    };
    const { setAside } = held;
    return { task: this.#put(claimed(next, lease)), lease, ...(setAside && { setAside }) };
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Task {
    return this.#putChecked(checkpointed(this.#heldBy(lease), checkpoint));
  }

  settle(lease: Lease, settlement: Settlement, { now }: Moment): Task {
    return this.#putChecked(settled(this.#heldBy(lease), settlement, isoTime(now)));
  }

  renew(leases: Lease[], leaseMs: number, { now }: Moment): Lease[] {
    const expiresAt = isoTime(now + leaseMs);
    const lost: Lease[] = [];
    for (const lease of leases) {
      const task = this.#tasks.get(lease.taskId);
      if (task && isHolder(task, lease)) this.#put(renewed(task, expiresAt));
      else lost.push(lease);
    }
    return lost;
  }

  reset(selection: ResetSelection, moment: Moment): Task[] {
    const selected = this.#select(selection, moment);
    for (const task of selected) if (isHeld(task, moment)) throw heldByRun(task);
    return selected.filter((task) => !isClean(task)).map((task) => this.#put(this.#clean(task, moment)));
  }

  cancel(ids: string[], moment: Moment): Task[] {
    const tasks = this.#named(new Set(ids));
    for (const task of tasks) {
      if (task.status === 'completed' || task.status === 'failed') throw alreadyEnded(task);
    }
    return tasks.map((task) => this.#settleAs(task, { type: 'cancelled' }, moment));
  }

  remove(ids: string[], moment: Moment): void {
    const all = new Set(ids);
    const removed = this.#named(all);
    for (const task of removed) {
      if (isHeld(task, moment)) throw heldByRun(task);
      const dependent = this.#dependent(task, all);
      if (dependent !== undefined) throw neededBy(task, dependent);
    }
    for (const { id } of removed) this.#delete(id);
  }

  /** Ends what other runs left behind, each as a crash. @returns what others hold still. */
  #takeOver({ run, leaseMs, only }: ClaimRequest, moment: Moment): NothingToClaim {
    let matters: ReadonlySet<string> | undefined;
    const ends: number[] = [];
    const setAside: Task[] = [];
    for (const id of [...this.#inProgress]) {
      const task = this.#tasks.get(id);
      // A run that claims lives: what it holds itself stays.
      if (!task || task.lease?.run === run) continue;
      matters ??= only && this.#withDependencies(only);
      if (matters && !matters.has(id)) continue;
      const end = heldUntil(task, leaseMs, moment);
      if (end > moment.now) ends.push(end);
      else {
        const ended = this.#settleAs(task, { type: 'crashed' }, moment);
        if (ended.status === 'failed') setAside.push(ended);
      }
    }
    const answer: NothingToClaim = { heldByOthers: ends.length };
    if (ends.length > 0) answer.leaseEndsAt = isoTime(ends.reduce((a, b) => Math.min(a, b)));
    if (setAside.length > 0) answer.setAside = setAside;
    return answer;
  }

  /** These tasks and all that they wait for, directly or not. */
  #withDependencies(ids: ReadonlySet<string>): ReadonlySet<string> {
    const all = new Set(ids);
    for (const id of all) for (const dependency of this.#tasks.get(id)?.after ?? []) all.add(dependency);
    return all;
  }

  #select(selection: ResetSelection, moment: Moment): Task[] {
    if (selection === 'all') return this.tasks();
    if (selection !== 'failed') return this.#named(new Set(selection.ids));
    const left = (task: Task) => task.status === 'in_progress' && !isHeld(task, moment);
    return this.tasks().filter((task) => task.status === 'failed' || left(task));
  }

  /** What was removed since the task was completed is no longer waited for. */
  #clean(task: Task, { now }: Moment): Task {
    const clean = resetTask(task, isoTime(now));
    if (!clean.after || clean.after.every((id) => this.#tasks.has(id))) return clean;
    const { after, ...rest } = clean;
    const there = after.filter((id) => this.#tasks.has(id));
    return there.length ? { ...rest, after: there } : rest;
  }

  #settleAs(task: Task, outcome: Outcome, { now }: Moment): Task {
    return this.#put(settled(task, decide(task, outcome, NO_POLICY), isoTime(now)));
  }

  /** @throws `not-found` */
  #named(ids: ReadonlySet<string>): Task[] {
    return [...ids].map((id) => {
      const task = this.#tasks.get(id);
      if (!task) throw noSuchTask(id);
      return task;
    });
  }

  /** @throws `lease-lost` */
  #heldBy(lease: Lease): Task {
    const task = this.#tasks.get(lease.taskId);
    if (task && isHolder(task, lease)) return task;
    throw leaseLost(lease);
  }

  /** An unfinished task that comes after this one, and is none of the others. */
  #dependent({ id }: Task, others: ReadonlySet<string>): string | undefined {
    for (const dependent of this.#queue.dependents(id)) {
      if (!others.has(dependent) && this.#tasks.get(dependent)?.status !== 'completed') return dependent;
    }
    return undefined;
  }

  /** @throws `usage` */
  #putChecked(task: Task): Task {
    checkTask(task);
    return this.#put(task);
  }

  #put(task: Task): Task {
    const before = this.#tasks.get(task.id);
    if (before) this.#counts[before.status]--;
    this.#counts[task.status]++;
    this.#tasks.set(task.id, task);
    if (task.status === 'in_progress') this.#inProgress.add(task.id);
    else this.#inProgress.delete(task.id);
    this.#queue.update(task.id, before, task);
    this.#changes++;
    return task;
  }

  #delete(id: string): void {
    const before = this.#tasks.get(id);
    if (!before) return;
    this.#counts[before.status]--;
    this.#tasks.delete(id);
    this.#inProgress.delete(id);
    this.#queue.update(id, before, undefined);
    this.#changes++;
  }
}

function isHolder(task: Task, lease: Lease): boolean {
  return task.status === 'in_progress' && task.lease?.token === lease.token && task.lease.run === lease.run;
}

/** As it was added: a reset would change nothing. */
function isClean(task: Task): boolean {
  return task.status === 'pending' && task.attempts === 0 && task.startedAt === undefined;
}
