import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
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
import { canAddBlindly } from '../blind-operations.ts';
import { LateLeases } from '../late-leases.ts';
import { poolOf } from '../ledger.ts';
import { withTold } from '../live-run.ts';
import type { Moment } from '../moment.ts';
import type { TableOperations } from '../table-operations.ts';
import type { TaskTable } from '../task-table.ts';
import type { Work } from './change.ts';
import { CROWD, Cycle } from './cycle.ts';
import { missing } from './disk/conflicts.ts';
import type { FaultHook } from './disk/fault-points.ts';
import { FileWatcher } from './disk/file-watcher.ts';
import { LocalDisk } from './disk/network-file-system.ts';
import { patiently, type Sleep } from './disk/patience.ts';
import { sweepTemporaries } from './disk/replace-file.ts';
import { findStore, type StorePath } from './disk/store-path.ts';
import { explained } from './explained.ts';
import { Housekeeping } from './housekeeping.ts';
import { journalPath } from './journal/journal-file.ts';
import { Loader } from './loader.ts';
import { RunLocks } from './locks/run-locks.ts';
import { StoreLock } from './locks/store-lock.ts';
import { Replica } from './replica.ts';
import { TaskShelf } from './snapshot/shelf.ts';
import { Snapshot } from './snapshot/snapshot.ts';

export interface JsonTaskStoreOptions {
  /** Makes the file, with the first task, where there is none. Default: `true`; the command line creates one by `add` alone. */
  create?: boolean | undefined;
  /** Default: the system's. */
  clock?: Clock;
  /** For tests: so many changes that come together make others go on while they are synced. */
  crowd?: number;
  /** For tests: called at each moment within a write. */
  faultHook?: FaultHook;
  /** For tests: how it waits for the lock, and before it reads a broken file again. Default: a timer. */
  sleep?: Sleep;
}

/**
 * Keeps tasks in one JSON file that a person can read, edit and commit, with a journal of the latest changes beside it. Any number of
 * processes of this machine may use it at once. Changes are made under a lock that the kernel keeps, reads take none.
 */
export class JsonTaskStore implements TaskStore {
  readonly #name: string;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #loader: Loader;
  readonly #replica: Replica;
  readonly #snapshot: Snapshot;
  readonly #shelf: TaskShelf;
  readonly #disk: LocalDisk;
  readonly #lock: StoreLock;
  readonly #runs: RunLocks;
  readonly #watcher: FileWatcher;
  readonly #cycle: Cycle;
  readonly #housekeeping: Housekeeping;
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
    // Changes without their file are no missing store: the first operation says so.
    const isMissing = !found.exists && !existsSync(journalPath(found.path));
    if (isMissing && options.create === false) throw missing(name);
    return new JsonTaskStore(name, found, options);
  }

  private constructor(name: string, { path, exists }: StorePath, options: JsonTaskStoreOptions) {
    const { faultHook } = options;
    this.#name = name;
    this.#path = path;
    this.#clock = options.clock ?? systemClock;
    this.#sleep = options.sleep ?? setTimeout;
    const shelf = new TaskShelf(path, name);
    const snapshot = new Snapshot({ path, name, shelf, faultHook });
    this.#shelf = shelf;
    this.#snapshot = snapshot;
    const mayBeAbsent = !exists && options.create !== false;
    this.#loader = new Loader({ path, name, snapshot, shelf, mayBeAbsent, faultHook });
    this.#disk = new LocalDisk(path, name);
    this.#lock = new StoreLock(path, name, { sleep: this.#sleep });
    this.#replica = new Replica({
      path,
      name,
      snapshot,
      loader: this.#loader,
      requireLock: () => this.#lock.require(),
      faultHook,
    });
    this.#runs = new RunLocks(path);
    this.#watcher = new FileWatcher({
      paths: [journalPath(path), path],
      polled: () => this.#runs.anyGone(),
      ownWrites: () => this.#replica.writes,
    });
    this.#housekeeping = new Housekeeping(path, this.#replica, this.#runs);
    this.#cycle = new Cycle({
      lock: this.#lock,
      replica: this.#replica,
      retry: (work) => this.#patiently(work),
      moment: () => this.#moment(),
      crowd: options.crowd ?? CROWD,
      afterwards: () => this.#housekeeping.shrink(this.#cycle),
    });
  }

  add(tasks: NewTask[]): Promise<Task[]> {
    return this.#submit({
      apply: (operations) => operations.add(tasks),
      applyBlindly: canAddBlindly(tasks) ? (operations) => operations.add(tasks) : undefined,
      confirms: true,
    });
  }

  import(tasks: Task[]): Promise<Task[]> {
    return this.#submit({ apply: (operations) => operations.import(tasks), confirms: true });
  }

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#change((operations) => {
      this.#late.waited(this.#lock.waitedMs, request.leaseMs);
      return operations.claim(request);
    });
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.#change((operations) => operations.checkpoint(lease, checkpoint));
  }

  settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.#submit({
      apply: (operations) => operations.settle(lease, settlement),
      // A run may have to end over it.
      holdsUp: settlement.status === 'failed',
    });
  }

  renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    return this.#change((operations) => operations.renew(leases, leaseMs));
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
    return this.#submit({ apply: (operations) => operations.reset(selection), confirms: true });
  }

  retry(ids: string[], feedback?: string): Promise<Task[]> {
    return this.#change((operations) => operations.retry(ids, feedback));
  }

  edit(id: string, edit: TaskEdit): Promise<Task> {
    return this.#submit({ apply: (operations) => operations.edit(id, edit), confirms: true });
  }

  reopen(id: string, result: string, finding: Finding): Promise<Task> {
    return this.#change((operations) => operations.reopen(id, result, finding));
  }

  cancel(ids: string[]): Promise<Task[]> {
    return this.#change((operations) => operations.cancel(ids));
  }

  remove(ids: string[]): Promise<void> {
    return this.#change((operations) => operations.remove(ids));
  }

  /** What died before is swept away: files of dead runs, and what they had begun to write. */
  join(run: RunInfo): Promise<number> {
    return this.#change((operations) => {
      this.#runs.sweep();
      sweepTemporaries(this.#path);
      const before = this.#runs.live().length;
      operations.join(run.id);
      this.#runs.join(run);
      return before;
    });
  }

  async leave(runId: string, stop?: StopReason): Promise<void> {
    this.#refuseClosed();
    // One that cannot say why it ended has ended all the same.
    await this.#noteEnd(runId, stop).catch(() => undefined);
    await this.#explained(async () => this.#runs.leave(runId));
  }

  async lastStop(): Promise<StoppedRun | undefined> {
    return (await this.#read()).lastStop;
  }

  async note(runId: string, note: RunNote): Promise<void> {
    this.#refuseClosed();
    await this.#explained(async () => this.#runs.note(runId, note));
  }

  async runs(): Promise<LiveRun[]> {
    const told = (await this.#read()).told();
    return this.#explained(async () => this.#runs.live().map((run) => withTold(run, told.get(run.id))));
  }

  /** The runs are told first, before a large store is read to say what each was told last. */
  async control(command: RunCommand): Promise<LiveRun[]> {
    const tell = (operations: { control(command: RunCommand, runs: string[]): unknown }): RunInfo[] => {
      const runs = this.#runs.live();
      operations.control(
        command,
        runs.map(({ id }) => id),
      );
      return runs;
    };
    const runs = await this.#submit({ apply: tell, applyBlindly: tell });
    if (runs.length === 0) return [];
    const told = (await this.#read()).told();
    return runs.map((run) => withTold(run, told.get(run.id)));
  }

  async told(runId: string): Promise<Telling | undefined> {
    const table = await this.#read();
    return this.#runs.isLive(runId) ? table.told().get(runId) : undefined;
  }

  reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    return this.#change((operations) => operations.reserve(request, this.#runs.live()));
  }

  spend(request: ReserveRequest): Promise<Pool> {
    return this.#change((operations) => operations.spend(request, this.#runs.live()));
  }

  async pool(): Promise<Pool | undefined> {
    const { ledger } = await this.#read();
    return this.#explained(async () => poolOf(ledger, this.#runs.live()));
  }

  changes(listener: () => void): () => void {
    return this.#watcher.add(listener);
  }

  /** Puts all changes into the tasks file now, whatever its size: before it is committed to version control, say. */
  async fold(): Promise<void> {
    this.#refuseClosed();
    await this.#explained(() => {
      this.#disk.require();
      return this.#housekeeping.fold(this.#cycle);
    });
  }

  /** Folds a small journal into the tasks file, so that it shows what is. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#cycle.idle();
    await this.#housekeeping.tidy(this.#cycle);
    this.#watcher.close();
    this.#runs.leaveAll();
    this.#replica.drop();
    this.#snapshot.close();
    this.#shelf.close();
    this.#lock.close();
  }

  async #noteEnd(runId: string, stop: StopReason | undefined): Promise<void> {
    const hasJoined = this.#runs.owns(runId);
    // A change takes the lock: mostly there is none to make.
    const isNews = hasJoined && (stop !== undefined || (await this.#read()).lastStop !== undefined);
    if (isNews) await this.#change((operations) => operations.left(runId, stop));
  }

  #change<T>(apply: (operations: TableOperations) => T): Promise<T> {
    return this.#submit({ apply });
  }

  async #submit<T>(work: Work<T>): Promise<T> {
    this.#refuseClosed();
    try {
      this.#disk.require();
      return await this.#cycle.submit(work);
    } catch (error) {
      throw await explained(error, this.#name);
    }
  }

  async #read(): Promise<TaskTable> {
    this.#refuseClosed();
    return this.#explained(() => this.#patiently(async () => this.#replica.table()));
  }

  /** Errors as a person wants them. */
  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await explained(error, this.#name);
    }
  }

  /** Before what was read once is taken to be broken or gone: somebody may be writing it this moment. */
  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return patiently(work, (error) => this.#loader.mayPass(error), this.#sleep);
  }

  #moment(): Moment {
    return { now: this.#clock.now(), isLive: this.#runs.askedOnce(), late: this.#late };
  }

  #refuseClosed(): void {
    if (this.#closed) throw new OrchError('store-unusable', `${this.#name} has been closed; open it again`);
  }
}
