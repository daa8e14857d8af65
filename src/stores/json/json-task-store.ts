import { LowSync } from 'lowdb';
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
import { Cycle } from './cycle.ts';
import { storeFault } from './faults.ts';
import { type FaultHook, FileAdapter } from './file-adapter.ts';
import { FileWatcher } from './file-watcher.ts';
import { type Document, emptyDocument, FormatError } from './format.ts';
import { located } from './locate.ts';
import { RunLocks } from './run-locks.ts';
import { StoreLock } from './store-lock.ts';
import { findStore, type StorePath } from './store-path.ts';

export interface JsonTaskStoreOptions {
  /** Makes the file, with the first task, where there is none. Default: `false`. */
  create?: boolean | undefined;
  /** Default: the system's. */
  clock?: Clock;
  /** For tests: called at each moment within a write. */
  faultHook?: FaultHook;
}

/**
 * Keeps tasks in one JSON file that a person can read, edit and commit. Any number of processes of this machine may
 * use it at once. Changes are made under a lock that the kernel keeps, reads take none.
 */
export class JsonTaskStore implements TaskStore {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #file: FileAdapter;
  readonly #db: LowSync<Document>;
  readonly #lock: StoreLock;
  readonly #runs: RunLocks;
  readonly #watcher: FileWatcher;
  readonly #cycle: Cycle<TaskTable>;
  #mayBeAbsent: boolean;
  #closed = false;

  /**
   * @param name the file's path; symbolic links are followed.
   * @throws `store-missing`: there is no such file, and `create` was not asked for. `store-unusable`: it is no file.
   * What the file holds is looked at by the first operation.
   */
  static async open(name: string, options: JsonTaskStoreOptions = {}): Promise<JsonTaskStore> {
    const found = findStore(name);
    if (!found.exists && !options.create) throw missing(name);
    return new JsonTaskStore(name, found, options);
  }

  private constructor(name: string, { path, exists }: StorePath, options: JsonTaskStoreOptions) {
    this.#name = name;
    this.#clock = options.clock ?? systemClock;
    this.#mayBeAbsent = !exists;
    this.#file = new FileAdapter(path, name, options.faultHook);
    this.#db = new LowSync(this.#file, emptyDocument());
    this.#lock = new StoreLock(`${path}.lock`, name);
    this.#runs = new RunLocks(path);
    this.#watcher = new FileWatcher(path, () => this.#runs.anyGone());
    this.#cycle = new Cycle(this.#lock, { load: () => this.#load(), save: (table) => this.#save(table) });
  }

  add(tasks: NewTask[]): Promise<Task[]> {
    return this.#change((table) => table.add(tasks, this.#clock.now()));
  }

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#change((table) => table.claim(request, this.#clock.now(), this.#runs.snapshot()));
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.#change((table) => table.checkpoint(lease, checkpoint));
  }

  settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.#change((table) => table.settle(lease, settlement, this.#clock.now()));
  }

  renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    return this.#change((table) => table.renew(leases, leaseMs, this.#clock.now()));
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
    return this.#change((table) => table.reset(selection, this.#clock.now(), this.#runs.snapshot()));
  }

  cancel(ids: string[]): Promise<Task[]> {
    return this.#change((table) => table.cancel(ids, this.#clock.now()));
  }

  remove(ids: string[]): Promise<void> {
    return this.#change((table) => table.remove(ids, this.#clock.now(), this.#runs.snapshot()));
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
    return this.#told(async () => this.#load());
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

  #load(): TaskTable {
    // Nothing of a change that could not be written may be left.
    const nothing = emptyDocument();
    this.#db.data = nothing;
    this.#db.read();
    if (this.#db.data === nothing && !this.#mayBeAbsent) throw missing(this.#name);
    return new TaskTable(this.#db.data);
  }

  #save(table: TaskTable): void {
    if (table.changes === 0) return;
    this.#db.data = {
      ...this.#db.data,
      revision: this.#db.data.revision + 1,
      nextId: table.nextId,
      tasks: table.tasks(),
    };
    this.#db.write();
    this.#mayBeAbsent = false;
  }

  #refuseClosed(): void {
    if (this.#closed) throw new OrchError('store-unusable', `${this.#name} has been closed; open it again`);
  }
}

function missing(name: string): OrchError {
  return new OrchError('store-missing', `${name} does not exist; \`orch add\` creates it`);
}
