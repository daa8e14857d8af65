import { isoTime } from '../model/clock.ts';
import { decide } from '../model/decide.ts';
import { OrchError } from '../model/errors.ts';
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
import { planAdd } from './plan-add.ts';
import { ReadyQueue } from './ready-queue.ts';
import { numberAfter } from './task-ids.ts';

/** Whether a run lives: it has joined, has not left, and its process has not died. */
export type IsLive = (runId: string) => boolean;

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
 * Times that come in are milliseconds since the epoch.
 */
export class TaskTable {
  readonly #tasks = new Map<string, Task>();
  readonly #queue = new ReadyQueue((id) => this.#tasks.get(id));
  readonly #inProgress = new Set<string>();
  readonly #counts = { pending: 0, in_progress: 0, completed: 0, failed: 0 };
  readonly #newToken: () => string;
  #nextId: number;
  #changes = 0;

  /** @param newToken gives a lease token that is unique for ever. */
  constructor(
    content: TableContent = { tasks: [], nextId: 1 },
    newToken: () => string = () => globalThis.crypto.randomUUID(),
  ) {
    this.#newToken = newToken;
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

  add(tasks: NewTask[], now: number): Task[] {
    const plan = planAdd(tasks, (id) => this.#tasks.get(id), this.#nextId, isoTime(now));
    this.#nextId = plan.nextId;
    for (const task of plan.fresh.values()) this.#put(task);
    return plan.answer;
  }

  /** @throws Error when the run has not joined: nobody could tell whether it lives. */
  claim({ run, leaseMs, only }: ClaimRequest, now: number, isLive: IsLive): ClaimAnswer {
    if (!isLive(run)) throw new Error(`run ${run} has to join the store before it claims`);
    this.#takeOver(run, now, isLive, only);
    const next = this.#queue.next(now, only);
    if (!next) return this.#nothing(run, now, only);
    const lease: Lease = {
      taskId: next.id,
      run,
      token: this.#newToken(),
      since: isoTime(now),
      expiresAt: isoTime(now + leaseMs),
    };
    return { task: this.#put(claimed(next, lease)), lease };
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Task {
    return this.#put(checkpointed(this.#heldBy(lease), checkpoint));
  }

  settle(lease: Lease, settlement: Settlement, now: number): Task {
    return this.#put(settled(this.#heldBy(lease), settlement, isoTime(now)));
  }

  renew(leases: Lease[], leaseMs: number, now: number): Lease[] {
    const expiresAt = isoTime(now + leaseMs);
    const lost: Lease[] = [];
    for (const lease of leases) {
      const task = this.#tasks.get(lease.taskId);
      if (task && isHolder(task, lease)) this.#put(renewed(task, expiresAt));
      else lost.push(lease);
    }
    return lost;
  }

  reset(selection: ResetSelection, now: number, isLive: IsLive): Task[] {
    const selected = this.#select(selection, now, isLive);
    for (const task of selected) this.#refuseHeld(task, now, isLive);
    return selected.filter((task) => !isClean(task)).map((task) => this.#put(this.#clean(task, now)));
  }

  cancel(ids: string[], now: number): Task[] {
    return this.#named(ids)
      .filter(({ status }) => status === 'pending' || status === 'in_progress')
      .map((task) => this.#settleAs(task, { type: 'cancelled' }, now));
  }

  remove(ids: string[], now: number, isLive: IsLive): void {
    const removed = this.#named(ids);
    for (const task of removed) {
      this.#refuseHeld(task, now, isLive);
      this.#refuseNeeded(task, new Set(ids));
    }
    for (const { id } of removed) this.#delete(id);
  }

  /** Ends what other runs left behind, each as a crash. A run that claims lives: what it holds itself stays. */
  #takeOver(run: string, now: number, isLive: IsLive, only?: ReadonlySet<string>): void {
    for (const id of [...this.#inProgress]) {
      const task = this.#tasks.get(id);
      if (!task || task.lease?.run === run || (only && !only.has(id))) continue;
      if (!isHeld(task, now, isLive)) this.#settleAs(task, { type: 'crashed' }, now);
    }
  }

  #nothing(run: string, now: number, only?: ReadonlySet<string>): NothingToClaim {
    const matters = only && this.#withDependencies(only);
    const answer: NothingToClaim = { heldByOthers: 0 };
    for (const id of this.#inProgress) {
      const lease = this.#tasks.get(id)?.lease;
      if (!lease || lease.run === run || (matters && !matters.has(id))) continue;
      answer.heldByOthers++;
      if (!answer.leaseEndsAt || lease.expiresAt < answer.leaseEndsAt) answer.leaseEndsAt = lease.expiresAt;
    }
    const dueAt = this.#queue.nextDue(now, only);
    return dueAt === undefined ? answer : { ...answer, dueAt: isoTime(dueAt) };
  }

  /** These tasks and all that they wait for, directly or not. */
  #withDependencies(ids: ReadonlySet<string>): ReadonlySet<string> {
    const all = new Set(ids);
    for (const id of all) for (const dependency of this.#tasks.get(id)?.after ?? []) all.add(dependency);
    return all;
  }

  #select(selection: ResetSelection, now: number, isLive: IsLive): Task[] {
    if (selection === 'all') return this.tasks();
    if (selection !== 'failed') return this.#named(selection.ids);
    const left = (task: Task) => task.status === 'in_progress' && !isHeld(task, now, isLive);
    return this.tasks().filter((task) => task.status === 'failed' || left(task));
  }

  /** What was removed since the task was completed is no longer waited for. */
  #clean(task: Task, now: number): Task {
    const clean = resetTask(task, isoTime(now));
    if (!clean.after || clean.after.every((id) => this.#tasks.has(id))) return clean;
    const { after, ...rest } = clean;
    const there = after.filter((id) => this.#tasks.has(id));
    return there.length ? { ...rest, after: there } : rest;
  }

  #settleAs(task: Task, outcome: Outcome, now: number): Task {
    return this.#put(settled(task, decide(task, outcome, NO_POLICY), isoTime(now)));
  }

  /** Each once. @throws `not-found` */
  #named(ids: string[]): Task[] {
    return [...new Set(ids)].map((id) => {
      const task = this.#tasks.get(id);
      if (!task)
        throw new OrchError('not-found', `There is no task ${id}; \`orch list\` shows those there are`);
      return task;
    });
  }

  #heldBy(lease: Lease): Task {
    const task = this.#tasks.get(lease.taskId);
    if (task && isHolder(task, lease)) return task;
    const message = `Task ${lease.taskId} is no longer held by run ${lease.run}: it was cancelled or taken over`;
    throw new OrchError('lease-lost', message);
  }

  #refuseHeld(task: Task, now: number, isLive: IsLive): void {
    if (!isHeld(task, now, isLive)) return;
    const message = `Task ${task.id} is being worked on by run ${task.lease?.run}; wait for it, or cancel the task first`;
    throw new OrchError('conflict', message);
  }

  #refuseNeeded(task: Task, removed: ReadonlySet<string>): void {
    for (const id of this.#queue.dependents(task.id)) {
      if (removed.has(id) || this.#tasks.get(id)?.status === 'completed') continue;
      throw new OrchError(
        'conflict',
        `Task ${task.id} is needed by ${id}, which is not completed; remove both, or neither`,
      );
    }
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

/** A live run works on it. Without a lease, as a person or the lab writes it, nobody does. */
function isHeld({ status, lease }: Task, now: number, isLive: IsLive): boolean {
  return status === 'in_progress' && !!lease && Date.parse(lease.expiresAt) > now && isLive(lease.run);
}

function isHolder(task: Task, lease: Lease): boolean {
  return task.status === 'in_progress' && task.lease?.token === lease.token && task.lease.run === lease.run;
}

/** As it was added: a reset would change nothing. */
function isClean(task: Task): boolean {
  return task.status === 'pending' && task.attempts === 0 && task.startedAt === undefined;
}
