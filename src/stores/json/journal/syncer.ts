import type { JournalFile } from './journal-file.ts';

/**
 * A sync that takes longer than this, in milliseconds, is left to Node's thread pool: it would hold everything else up. A fast one is
 * quicker where it is: the way to the pool and back takes 60 to 70 us, a third of a sync on a good disk.
 */
const LONG_MS = 2;

/** How much a new measurement counts in the mean. */
const WEIGHT = 0.2;

/** A sync that is to come, which all share who ask before it begins. */
interface Coming {
  journal: JournalFile;
  done: Promise<void>;
}

/** Makes what was appended durable, in the way that suits the disk. */
export class Syncer {
  #meanMs = 0;
  #coming: Coming | undefined;
  /** The last one beside. */
  #beside: Promise<void> | undefined;

  /** @throws what the file system throws: what was appended may be lost by a power cut then. */
  async sync(journal: JournalFile): Promise<void> {
    const began = performance.now();
    if (this.#meanMs < LONG_MS) journal.sync();
    else await journal.syncInPool();
    this.#meanMs += (performance.now() - began - this.#meanMs) * WEIGHT;
  }

  /** Likewise, in the thread pool: others go on meanwhile. One is under way at a time. */
  syncBeside(journal: JournalFile): Promise<void> {
    if (this.#coming?.journal === journal) return this.#coming.done;
    const coming: Coming = { journal, done: this.#after(this.#beside, journal) };
    this.#coming = coming;
    this.#beside = coming.done;
    return coming.done;
  }

  /**
   * The journal may be replaced before its sync begins, and has to stay open until then. When the one before fails, this one does:
   * the system tells once of what it could not write, and a second try would seem to succeed.
   */
  async #after(before: Promise<void> | undefined, journal: JournalFile): Promise<void> {
    const release = journal.hold();
    try {
      await before;
      if (this.#coming?.journal === journal) this.#coming = undefined;
      await journal.syncInPool();
    } finally {
      release();
    }
  }
}
