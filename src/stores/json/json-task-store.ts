import { setTimeout } from 'node:timers/promises';
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
import type { Moment } from '../moment.ts';
import type { TaskTable } from '../task-table.ts';
import { Cycle } from './cycle.ts';
import { storeFault } from './faults.ts';
import { type FaultHook, FileAdapter } from './file-adapter.ts';
import { FileWatcher } from './file-watcher.ts';
import { FormatError } from './format.ts';
import { located } from './locate.ts';
import { patiently, type Sleep } from './patience.ts';
import { RunLocks } from './run-locks.ts';
import { StoreLock } from './store-lock.ts';
import { findStore, type StorePath } from './store-path.ts';
import { missing, TableFile } from './table-file.ts';

export interface JsonTaskStoreOptions {
  /** Makes the file, with the first task, where there is none. Default: `true`; the command line creates one by `add` alone. */
  create?: boolean | undefined;
  /** Default: the system's. */
  clock?: Clock;
  /** For tests: called at each moment within a write. */
  faultHook?: FaultHook;
  /** For tests: how it waits for the lock, and before it reads a broken file again. Default: a timer. */
  sleep?: Sleep;
}

/**
 * Keeps tasks in one JSON file that a person can read, edit and commit. Any number of processes of this machine may
 * use it at once. Changes are made under a lock that the kernel keeps, reads take none.
 */
export class JsonTaskStore implements TaskStore {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #file: TableFile;
  readonly #lock: StoreLock;
  readonly #runs: RunLocks;
  readonly #watcher: FileWatcher;
  readonly #cycle: Cycle<TaskTable>;
  readonly #sleep: Sleep;
  readonly #late = new LateLeases();
  #closed = false;

  /**
   * @param name the file's path; symbolic links are followed.
   * @throws `store-missing`: there is no such file, and `create` is `false`. `store-unusable`: it is no file.
   * What the file holds is looked at by the first operation.
   */
  static async open(name: string, options: JsonTaskStoreOptions = {}): Promise<JsonTaskStore> {
    const found = findStore(name);
    if (!found.exists && options.create === false) throw missing(name);
    return new JsonTaskStore(name, found, options);
  }

  private constructor(name: string, { path, exists }: StorePath, options: JsonTaskStoreOptions) {
    this.#name = name;
    this.#clock = options.clock ?? systemClock;
    this.#sleep = options.sleep ?? setTimeout;
    this.#file = new TableFile(name, new FileAdapter(path, name, options.faultHook), !exists);
    this.#lock = new StoreLock(`${path}.lock`, name, { sleep: this.#sleep });
    this.#runs = new RunLocks(path);
    this.#watcher = new FileWatcher(path, () => this.#runs.anyGone());
    this.#cycle = new Cycle(this.#lock, this.#file, (work) => this.#patiently(work));
  }

  add(tasks: NewTask[]): Promise<Task[]> {
    return this.#change((table) => table.add(tasks, this.#moment()));
  }

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#change((table) => {
      this.#late.waited(this.#lock.waitedMs, request.leaseMs);
      return table.claim(request, this.#moment());
    });
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.#change((table) => table.checkpoint(lease, checkpoint));
  }

  settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.#change((table) => table.settle(lease, settlement, this.#moment()));
  }

  renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    return this.#change((table) => table.renew(leases, leaseMs, this.#moment()));
  }

  async get(id: string): Promise<Task | undefined> {
    return (await this.#read()).get(id);
  }

  async *list(filter?: ListFilter): AsyncIterable<Task> {
    yield* (await this.#read()).list(filter);
  }

  async counts(): Promise<Counts> {
    return (await this.#read()).counts();
  }

  reset(selection: ResetSelection): Promise<Task[]> {
    return this.#change((table) => table.reset(selection, this.#moment()));
  }

  cancel(ids: string[]): Promise<Task[]> {
    return this.#change((table) => table.cancel(ids, this.#moment()));
  }

  remove(ids: string[]): Promise<void> {
    return this.#change((table) => table.remove(ids, this.#moment()));
  }

  /** What died before is swept away: files of dead runs, and what they had begun to write. */
  join(run: RunInfo): Promise<void> {
    return this.#change(() => {
      this.#runs.sweep();
      this.#file.sweep();
      this.#runs.join(run);
    });
  }

  async leave(runId: string): Promise<void> {
    this.#refuseClosed();
    await this.#told(async () => this.#runs.leave(runId));
  }

  async runs(): Promise<RunInfo[]> {
    this.#refuseClosed();
    return this.#told(async () => this.#runs.live());
  }

  changes(listener: () => void): () => void {
    return this.#watcher.add(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#cycle.idle();
    this.#watcher.close();
    this.#runs.leaveAll();
    this.#lock.close();
  }

  async #change<T>(operation: (table: TaskTable) => T): Promise<T> {
    this.#refuseClosed();
    return this.#told(() => this.#cycle.submit(operation));
  }

  async #read(): Promise<TaskTable> {
    this.#refuseClosed();
    return this.#told(() => this.#patiently(async () => this.#file.load()));
  }

  /** Errors as a person wants them. */
  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof FormatError
        ? await located(error, this.#name)
        : storeFault('use', this.#name, error);
    }
  }

  /** Before what was read once is taken to be broken or gone: somebody may be writing it this moment. */
  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return patiently(work, (error) => this.#file.mayPass(error), this.#sleep);
  }

  #moment(): Moment {
    return { now: this.#clock.now(), isLive: this.#runs.snapshot(), late: this.#late };
  }

  #refuseClosed(): void {
    if (this.#closed) throw new OrchError('store-unusable', `${this.#name} has been closed; open it again`);
  }
}
