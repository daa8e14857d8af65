import type { Cycle } from './cycle.ts';
import { sizeOf } from './disk/file-stamp.ts';
import { journalPath } from './journal/journal-file.ts';
import type { RunLocks } from './locks/run-locks.ts';
import type { Replica } from './replica.ts';

/** Bytes of both files up to which a command folds the journal at its end: one that would have to read the store for it alone. */
const SMALL_UNREAD = 512 * 1024;

/** The same of a command that has read the store. */
const SMALL = 4 * 1024 * 1024;

/** The same of a run, where a second more counts for less. */
const SMALL_AFTER_RUN = 64 * 1024 * 1024;

/** A journal of fewer bytes is not folded while it is in use. */
const LARGE = 64 * 1024 * 1024;

/** A command waits so long, in milliseconds, for the lock that it needs for folding: whoever holds it may do it as well. */
const PATIENCE_MS = 1_000;

/** When the journal is folded into the snapshot. It costs what the whole store costs, so it must not happen often to a large one. */
export class Housekeeping {
  readonly #path: string;
  readonly #replica: Replica;
  readonly #runs: RunLocks;
  #failed = false;

  constructor(path: string, replica: Replica, runs: RunLocks) {
    this.#path = path;
    this.#replica = replica;
    this.#runs = runs;
  }

  /** On request. @throws `store-unusable` */
  async fold(cycle: Cycle): Promise<void> {
    await cycle.locked(() => this.#fold());
  }

  /** While the store is in use. */
  async shrink(cycle: Cycle): Promise<void> {
    if (!this.#failed && this.#replica.isGrown(LARGE)) await this.#try(cycle, () => this.#fold());
  }

  /** When it is closed. */
  async tidy(cycle: Cycle): Promise<void> {
    // A run that found nothing to do may have found what others, who died, left in the journal.
    if (this.#replica.writes === 0 && !this.#runs.hasJoined) return;
    const journal = this.#replica.journal?.end ?? sizeOf(journalPath(this.#path));
    const snapshot = sizeOf(this.#path);
    const outgrown = this.#runs.hasJoined && journal > snapshot;
    const isDue = journal + snapshot <= this.#small || outgrown;
    await this.#try(cycle, () => (isDue ? this.#fold() : this.#replica.trim()));
  }

  get #small(): number {
    if (this.#runs.hasJoined) return SMALL_AFTER_RUN;
    return this.#replica.isLoaded ? SMALL : SMALL_UNREAD;
  }

  #fold(): void {
    this.#replica.compact((run) => this.#runs.isLive(run));
  }

  /** Nothing is lost when it fails: the journal has it. */
  async #try(cycle: Cycle, work: () => void): Promise<void> {
    try {
      await cycle.locked(work, PATIENCE_MS);
    } catch {
      this.#failed = true;
    }
  }
}
