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
  readonly #isLive = (id: string) => this.#runs.has(id);
  readonly #listeners = new Set<() => void>();
  #told = 0;
  #telling = false;
  #closed = false;

  constructor({ clock = systemClock, tasks = [] }: MemoryTaskStoreOptions = {}) {
    this.#clock = clock;
    this.#table = new TaskTable({ tasks, nextId: 1 });
  }

  async add(tasks: NewTask[]): Promise<Task[]> {
    return this.#do((table, now) => table.add(tasks, now));
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#do((table, now) => table.claim(request, now, this.#isLive));
  }

  async checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.#do((table) => table.checkpoint(lease, checkpoint));
  }

  async settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.#do((table, now) => table.settle(lease, settlement, now));
  }

  async renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    return this.#do((table, now) => table.renew(leases, leaseMs, now));
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
    return this.#do((table, now) => table.reset(selection, now, this.#isLive));
  }

  async cancel(ids: string[]): Promise<Task[]> {
    return this.#do((table, now) => table.cancel(ids, now));
  }

  async remove(ids: string[]): Promise<void> {
    this.#do((table, now) => table.remove(ids, now, this.#isLive));
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
    // Wrapped, so that the same function given twice ends twice.
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#runs.clear();
    this.#listeners.clear();
  }

  #do<T>(operation: (table: TaskTable, now: number) => T): T {
    if (this.#closed) throw new OrchError('store-unusable', 'The store has been closed; open a new one');
    const answer = operation(this.#table, this.#clock.now());
    if (this.#table.changes !== this.#told) this.#tellSoon();
    return answer;
  }

  #tellSoon(): void {
    this.#told = this.#table.changes;
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
