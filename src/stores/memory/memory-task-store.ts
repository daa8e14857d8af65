import { type Clock, systemClock } from '../../model/clock.ts';
import { OrchError } from '../../model/errors.ts';
import type { StopReason } from '../../model/event.ts';
import type { Pool } from '../../model/pool.ts';
import type { Checkpoint, Finding, Settlement } from '../../model/settlement.ts';
import type { Counts, Lease, NewTask, Task, TaskEdit } from '../../model/task.ts';
import type {
  ClaimAnswer,
  ClaimRequest,
  ListFilter,
  LiveRun,
  ReserveAnswer,
  ReserveRequest,
  ResetSelection,
  RunCommand,
  RunInfo,
  RunNote,
  StoppedRun,
  TaskStore,
  Telling,
} from '../../ports/task-store.ts';
import { LateLeases } from '../late-leases.ts';
import { poolOf } from '../ledger.ts';
import { Listeners } from '../listeners.ts';
import { withTold } from '../live-run.ts';
import type { Moment } from '../moment.ts';
import { TableOperations } from '../table-operations.ts';
import { TaskTable } from '../task-table.ts';

export interface MemoryTaskStoreOptions {
  /** Default: the system's. */
  clock?: Clock;
  /** What it holds from the start. Default: nothing. */
  tasks?: Iterable<Task>;
}

/** Keeps tasks as long as the process lives: for tests, rehearsals and programs that need no more. */
export class MemoryTaskStore implements TaskStore {
  readonly #clock: Clock;
  readonly #table: TaskTable;
  readonly #runs = new Map<string, RunInfo>();
  readonly #late = new LateLeases();
  readonly #listeners = new Listeners();
  #telling = false;
  #closed = false;

  constructor({ clock = systemClock, tasks = [] }: MemoryTaskStoreOptions = {}) {
    this.#clock = clock;
    this.#table = new TaskTable({ entries: tasks, nextId: 1 });
  }

  async add(tasks: NewTask[]): Promise<Task[]> {
    return this.#change((operations) => operations.add(tasks));
  }

  async import(tasks: Task[]): Promise<Task[]> {
    return this.#change((operations) => operations.import(tasks));
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#change((operations) => operations.claim(request));
  }

  async checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.#change((operations) => operations.checkpoint(lease, checkpoint));
  }

  async settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.#change((operations) => operations.settle(lease, settlement));
  }

  async renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    return this.#change((operations) => operations.renew(leases, leaseMs));
  }

  async get(id: string): Promise<Task | undefined> {
    return this.#read().get(id);
  }

  async *list(filter?: ListFilter): AsyncIterable<Task> {
    yield* this.#read().list(filter);
  }

  async counts(): Promise<Counts> {
    return this.#read().counts();
  }

  async reset(selection: ResetSelection): Promise<Task[]> {
    return this.#change((operations) => operations.reset(selection));
  }

  async retry(ids: string[], feedback?: string): Promise<Task[]> {
    return this.#change((operations) => operations.retry(ids, feedback));
  }

  async edit(id: string, edit: TaskEdit): Promise<Task> {
    return this.#change((operations) => operations.edit(id, edit));
  }

  async reopen(id: string, result: string, finding: Finding): Promise<Task> {
    return this.#change((operations) => operations.reopen(id, result, finding));
  }

  async cancel(ids: string[]): Promise<Task[]> {
    return this.#change((operations) => operations.cancel(ids));
  }

  async remove(ids: string[]): Promise<void> {
    this.#change((operations) => operations.remove(ids));
  }

  async join(run: RunInfo): Promise<number> {
    this.#refuseClosed();
    if (this.#runs.has(run.id)) throw new Error(`a run ${run.id} has joined the store already`);
    this.#change((operations) => operations.join(run.id));
    const before = this.#runs.size;
    this.#runs.set(run.id, run);
    return before;
  }

  async leave(runId: string, stop?: StopReason): Promise<void> {
    this.#read().told().delete(runId);
    if (!this.#runs.delete(runId)) return;
    this.#change((operations) => operations.left(runId, stop));
    // What it held, and its cap, are gone.
    this.#tellSoon();
  }

  async lastStop(): Promise<StoppedRun | undefined> {
    return this.#read().lastStop;
  }

  async note(runId: string, note: RunNote): Promise<void> {
    this.#refuseClosed();
    const run = this.#runs.get(runId);
    if (run) this.#runs.set(runId, { ...run, ...note });
  }

  async runs(): Promise<LiveRun[]> {
    const told = this.#read().told();
    return [...this.#runs.values()].map((run) => withTold(run, told.get(run.id)));
  }

  async control(command: RunCommand): Promise<LiveRun[]> {
    this.#change((operations) => operations.control(command, [...this.#runs.keys()]));
    return this.runs();
  }

  async told(runId: string): Promise<Telling | undefined> {
    return this.#read().told().get(runId);
  }

  async reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    return this.#change((operations) => operations.reserve(request, [...this.#runs.values()]));
  }

  async spend(request: ReserveRequest): Promise<Pool> {
    return this.#change((operations) => operations.spend(request, [...this.#runs.values()]));
  }

  async pool(): Promise<Pool | undefined> {
    return poolOf(this.#read().ledger, [...this.#runs.values()]);
  }

  changes(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#runs.clear();
    this.#listeners.clear();
  }

  #read(): TaskTable {
    this.#refuseClosed();
    return this.#table;
  }

  #change<T>(operation: (operations: TableOperations) => T): T {
    this.#refuseClosed();
    const moment: Moment = { now: this.#clock.now(), isLive: (id) => this.#runs.has(id), late: this.#late };
    return operation(new TableOperations(this.#table, moment, () => this.#tellSoon()));
  }

  #refuseClosed(): void {
    if (this.#closed) throw new OrchError('store-unusable', 'The store has been closed; open a new one');
  }

  #tellSoon(): void {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      this.#listeners.tell();
    });
  }
}
