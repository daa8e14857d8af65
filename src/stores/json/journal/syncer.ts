import type { JournalFile } from './journal-file.ts';

/**
 * A sync that takes longer than this, in milliseconds, is left to Node's thread pool: it would hold everything else up. A fast one is
 * quicker where it is: the way to the pool and back takes 60 to 70 us, a third of a sync on a good disk.
 */
const LONG_MS = 2;

/** How much a new measurement counts in the mean. */
const WEIGHT = 0.2;

/** Makes what was appended durable, in the way that suits the disk. */
export class Syncer {
  #meanMs = 0;

  /** @throws what the file system throws: what was appended may be lost by a power cut then. */
  async sync(journal: JournalFile): Promise<void> {
    const began = performance.now();
    if (this.#meanMs < LONG_MS) journal.sync();
    else await journal.syncInPool();
    this.#meanMs += (performance.now() - began - this.#meanMs) * WEIGHT;
  }
}
