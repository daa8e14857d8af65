import { type Clock, systemClock } from '../../model/clock.ts';
import { OrchError } from '../../model/errors.ts';
import type { Checkpoint, Settlement } from '../../model/settlement.ts';
import type { Counts, Lease, NewTask, Task } from '../../model/task.ts';
import type {
  ClaimAnswer,
  ClaimRequest,
  ListFilter,
  ResetSelection,
  RunInfo,
  TaskStore,
} from '../../ports/task-store.ts';
import { LateLeases } from '../late-leases.ts';
import { Listeners } from '../listeners.ts';
import type { Moment } from '../moment.ts';
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
  #told = 0;
  #telling = false;
  #closed = false;

  constructor({ clock = systemClock, tasks = [] }: MemoryTaskStoreOptions = {}) {
    this.#clock = clock;
    this.#table = new TaskTable({ tasks, nextId: 1 });
  }

  async add(tasks: NewTask[]): Promise<Task[]> {
    return this.#do((table, moment) => table.add(tasks, moment));
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#do((table, moment) => table.claim(request, moment));
  }

  async checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.#do((table) => table.checkpoint(lease, checkpoint));
  }

  async settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.#do((table, moment) => table.settle(lease, settlement, moment));
  }

  async renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    return this.#do((table, moment) => table.renew(leases, leaseMs, moment));
  }

  async get(id: string): Promise<Task | undefined> {
    return this.#do((table) => table.get(id));
  }

  async *list(filter?: ListFilter): AsyncIterable<Task> {
    yield* this.#do((table) => table.list(filter));
  }

  async counts(): Promise<Counts> {
    return this.#do((table) => table.counts());
  }

  async reset(selection: ResetSelection): Promise<Task[]> {
    return this.#do((table, moment) => table.reset(selection, moment));
  }

  async cancel(ids: string[]): Promise<Task[]> {
    return this.#do((table, moment) => table.cancel(ids, moment));
  }

  async remove(ids: string[]): Promise<void> {
    this.#do((table, moment) => table.remove(ids, moment));
  }

  async join(run: RunInfo): Promise<void> {
    this.#do(() => {
      if (this.#runs.has(run.id)) throw new Error(`a run ${run.id} has joined the store already`);
      this.#runs.set(run.id, run);
    });
  }

  async leave(runId: string): Promise<void> {
    this.#do(() => this.#runs.delete(runId));
  }

  async runs(): Promise<RunInfo[]> {
    return this.#do(() => [...this.#runs.values()]);
  }

  changes(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#runs.clear();
    this.#listeners.clear();
  }

  #do<T>(operation: (table: TaskTable, moment: Moment) => T): T {
    if (this.#closed) throw new OrchError('store-unusable', 'The store has been closed; open a new one');
    const answer = operation(this.#table, this.#moment());
    if (this.#table.changes !== this.#told) this.#tellSoon();
    return answer;
  }

  #moment(): Moment {
    return { now: this.#clock.now(), isLive: (id) => this.#runs.has(id), late: this.#late };
  }

  #tellSoon(): void {
    this.#told = this.#table.changes;
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      this.#listeners.tell();
    });
  }
}
