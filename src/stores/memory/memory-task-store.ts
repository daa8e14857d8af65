import { type Clock, systemClock } from '../../model/clock.ts';
import { OrchError } from '../../model/errors.ts';
import type { StopReason } from '../../model/event.ts';
import type { Task } from '../../model/task.ts';
import type { RunInfo, RunNote, Telling } from '../../ports/task-store.ts';
import { LateLeases } from '../late-leases.ts';
import { Listeners } from '../listeners.ts';
import type { Moment } from '../moment.ts';
import { TableOperations } from '../table-operations.ts';
import { TableStore } from '../table-store.ts';
import { TaskTable } from '../task-table.ts';
import type { Work } from '../work.ts';

export interface MemoryTaskStoreOptions {
  /** Default: the system's. */
  clock?: Clock;
  /** What it holds from the start. Default: nothing. */
  tasks?: Iterable<Task>;
}

/** Keeps tasks as long as the process lives: for tests, rehearsals and programs that need no more. */
export class MemoryTaskStore extends TableStore {
  readonly #clock: Clock;
  readonly #table: TaskTable;
  readonly #runs = new Map<string, RunInfo>();
  readonly #late = new LateLeases();
  readonly #listeners = new Listeners();
  #telling = false;
  #closed = false;

  constructor({ clock = systemClock, tasks = [] }: MemoryTaskStoreOptions = {}) {
    super();
    this.#clock = clock;
    this.#table = new TaskTable({ entries: tasks, nextId: 1 });
  }

  join(run: RunInfo): Promise<number> {
    return this.change({
      apply: (operations) => {
        if (this.#runs.has(run.id)) throw new Error(`a run ${run.id} has joined the store already`);
        const before = this.#runs.size;
        operations.join(run.id);
        this.#runs.set(run.id, run);
        return before;
      },
    });
  }

  leave(runId: string, stop?: StopReason): Promise<void> {
    return this.change({
      apply: (operations) => {
        this.#table.told().delete(runId);
        if (!this.#runs.delete(runId)) return;
        operations.left(runId, stop);
        // What it held, and its cap, are gone.
        this.#tellSoon();
      },
    });
  }

  async note(runId: string, note: RunNote): Promise<void> {
    this.#refuseClosed();
    const run = this.#runs.get(runId);
    if (run) this.#runs.set(runId, { ...run, ...note });
  }

  async told(runId: string): Promise<Telling | undefined> {
    return (await this.read()).told().get(runId);
  }

  changes(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#runs.clear();
    this.#listeners.clear();
  }

  protected async change<T>(work: Work<T>): Promise<T> {
    this.#refuseClosed();
    const moment: Moment = { now: this.#clock.now(), isLive: (id) => this.#runs.has(id), late: this.#late };
    return work.apply(new TableOperations(this.#table, moment, () => this.#tellSoon()));
  }

  protected async read(): Promise<TaskTable> {
    this.#refuseClosed();
    return this.#table;
  }

  protected now(): number {
    return this.#clock.now();
  }

  protected liveRuns(): RunInfo[] {
    return [...this.#runs.values()];
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
