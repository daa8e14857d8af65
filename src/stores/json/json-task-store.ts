import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Clock, systemClock } from '../../model/clock.ts';
import { OrchError } from '../../model/errors.ts';
import type { StopReason } from '../../model/event.ts';
import type { ClaimAnswer, ClaimRequest, Intake, RunInfo, RunNote, Telling } from '../../ports/task-store.ts';
import { LateLeases } from '../late-leases.ts';
import type { Moment } from '../moment.ts';
import { PackedIntake } from '../packed-intake.ts';
import { TableStore } from '../table-store.ts';
import type { TaskTable } from '../task-table.ts';
import type { Work } from '../work.ts';
import { intakeLog } from './bulk/intake-log.ts';
import { CROWD, Cycle } from './cycle.ts';
import { missing } from './disk/conflicts.ts';
import type { FaultHook } from './disk/fault-points.ts';
import { storeFault } from './disk/faults.ts';
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
export class JsonTaskStore extends TableStore {
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
    super();
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

  override intake(): Intake {
    this.#refuseClosed();
    return new PackedIntake(intakeLog(this.#path, this.#name), (packed) => {
      this.#refuseClosed();
      return this.#explained(() => {
        this.#disk.require();
        return this.#cycle.submitBulk(packed);
      });
    });
  }

  override claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.change({
      apply: (operations) => {
        this.#late.waited(this.#lock.waitedMs, request.leaseMs);
        return operations.claim(request);
      },
    });
  }

  /** What died before is swept away: files of dead runs, and what they had begun to write. */
  join(run: RunInfo): Promise<number> {
    return this.change({
      apply: (operations) => {
        this.#runs.sweep();
        sweepTemporaries(this.#path);
        const before = this.#runs.live().length;
        operations.join(run.id);
        this.#runs.join(run);
        return before;
      },
    });
  }

  async leave(runId: string, stop?: StopReason): Promise<void> {
    this.#refuseClosed();
    // One that cannot say why it ended has ended all the same.
    await this.#noteEnd(runId, stop).catch(() => undefined);
    await this.#explained(async () => this.#runs.leave(runId));
  }

  async note(runId: string, note: RunNote): Promise<void> {
    this.#refuseClosed();
    await this.#explained(async () => this.#runs.note(runId, note));
  }

  async told(runId: string): Promise<Telling | undefined> {
    const table = await this.read();
    return this.#runs.isLive(runId) ? table.told().get(runId) : undefined;
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

  protected async change<T>(work: Work<T>): Promise<T> {
    this.#refuseClosed();
    return this.#explained(() => {
      this.#disk.require();
      return this.#cycle.submit(work);
    });
  }

  protected async read(): Promise<TaskTable> {
    this.#refuseClosed();
    return this.#explained(() => this.#patiently(async () => this.#replica.table()));
  }

  protected now(): number {
    return this.#clock.now();
  }

  protected liveRuns(): RunInfo[] {
    try {
      return this.#runs.live();
    } catch (error) {
      throw storeFault('use', this.#name, error);
    }
  }

  async #noteEnd(runId: string, stop: StopReason | undefined): Promise<void> {
    const hasJoined = this.#runs.owns(runId);
    // A change takes the lock: mostly there is none to make.
    const isNews = hasJoined && (stop !== undefined || (await this.read()).lastStop !== undefined);
    if (isNews) await this.change({ apply: (operations) => operations.left(runId, stop) });
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
