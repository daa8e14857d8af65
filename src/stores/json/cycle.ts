import type { Added } from '../../ports/task-store.ts';
import type { Moment } from '../moment.ts';
import type { PackedTasks } from '../packed-tasks.ts';
import type { Work } from '../work.ts';
import { BulkAdd } from './bulk-add.ts';
import { Change } from './change.ts';
import type { JournalFile } from './journal/journal-file.ts';
import { Syncer } from './journal/syncer.ts';
import type { StoreLock } from './locks/store-lock.ts';
import { type Made, Maker } from './maker.ts';
import type { Replica } from './replica.ts';
import type { Request } from './request.ts';

/** From so many changes of one batch on, what there is to do during its sync takes longer than the way to Node's thread pool and back. */
export const CROWD = 16;

/** Changes that may wait for a sync beside before nothing more is taken on: a disk that hangs is not run away from. */
const MOST_UNSYNCED = 256;

/** Does work again while it fails with what may pass. */
type Retry = <T>(work: () => Promise<T>) => Promise<T>;

interface CycleParts {
  lock: StoreLock;
  replica: Replica;
  /** For a load that fails with what may pass; the store is not locked between the tries. */
  retry: Retry;
  moment: () => Moment;
  /** Changes of one batch from which on its sync goes on beside the next. */
  crowd: number;
  /** Called at the end of each cycle, when nothing is locked. */
  afterwards: () => Promise<void>;
}

/**
 * Changes a store: lock, read on, apply, append, unlock, sync, tell. Changes that wait together share one cycle; each gets its own
 * answer. The lock is let go before the sync, so that others can go on meanwhile: it is one file, and whoever syncs later makes
 * durable all that lies before. Nobody is told of a change before a sync that came after it, if it needs one.
 * Where many work at once, the next batch is made while the last one is being synced.
 */
export class Cycle {
  readonly #parts: CycleParts;
  readonly #syncer = new Syncer();
  readonly #maker: Maker;
  readonly #waiting: (Change | BulkAdd)[] = [];
  /** The last sync that was asked for beside, with the telling that follows it. */
  #syncing: Promise<void> | undefined;
  /** Changes that wait for one. */
  #unsynced = 0;
  #going: Promise<void> | undefined;
  #broken: { error: unknown } | undefined;

  constructor(parts: CycleParts) {
    this.#parts = parts;
    this.#maker = new Maker(parts.replica, parts.moment);
  }

  submit<T>(work: Work<T>): Promise<T> {
    const change = new Change<T>(work);
    this.#wait(change as Change);
    return change.answer.promise;
  }

  /** Adds many, in a cycle of their own. */
  submitBulk(packed: PackedTasks): Promise<Added> {
    const bulk = new BulkAdd(packed);
    this.#wait(bulk);
    return bulk.answer.promise as Promise<Added>;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#going;
    await this.#syncing;
  }

  /** @param waitMs longest wait for the lock. @throws what broke the store before. */
  async locked<T>(work: () => T, waitMs?: number): Promise<T> {
    const { lock } = this.#parts;
    this.#requireWhole();
    await lock.acquire(waitMs);
    try {
      return work();
    } finally {
      lock.release();
    }
  }

  #wait(request: Change | BulkAdd): void {
    this.#waiting.push(request);
    this.#going ??= this.#go();
  }

  async #go(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Not a microtask: what a caller starts in the same turn belongs to the same batch.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#once();
      await this.#parts.afterwards();
    }
    this.#going = undefined;
  }

  async #once(): Promise<void> {
    const { changes, toSync } = await this.#made();
    if (!toSync) return tell(changes);
    if (changes.some(({ holdsUp }) => holdsUp)) await this.#syncing;
    else if (changes.length >= this.#parts.crowd || this.#unsynced > 0)
      return await this.#syncBeside(changes, toSync);
    await this.#sync(changes, () => this.#syncer.sync(toSync));
  }

  async #syncBeside(changes: Request[], journal: JournalFile): Promise<void> {
    tell(changes.filter(({ awaitsSync }) => !awaitsSync));
    const left = changes.filter(({ awaitsSync }) => awaitsSync);
    this.#unsynced += left.length;
    this.#syncing = this.#sync(left, () => this.#syncer.syncBeside(journal)).then(() => {
      this.#unsynced -= left.length;
    });
    if (this.#unsynced > MOST_UNSYNCED) await this.#syncing;
  }

  async #made(): Promise<Made> {
    try {
      return await this.#parts.retry(() => this.locked(() => this.#maker.make(this.#waiting)));
    } catch (error) {
      const changes = this.#waiting.splice(0);
      for (const change of changes) change.fail(error);
      return { changes, toSync: undefined };
    }
  }

  async #sync(changes: Request[], work: () => Promise<void>): Promise<void> {
    try {
      this.#requireWhole();
      await work();
    } catch (error) {
      this.#broken ??= { error };
      for (const change of changes) change.fail(error);
    }
    tell(changes);
  }

  /** After a sync that failed nobody knows what is on the disk: nothing more is written. */
  #requireWhole(): void {
    this.#broken ??= this.#parts.replica.syncFailure;
    if (this.#broken) throw this.#broken.error;
  }
}

function tell(changes: readonly Request[]): void {
  for (const change of changes) change.tell();
}
