import { statSync } from 'node:fs';
import type { FaultHook } from './disk/fault-points.ts';
import { sameFile, statStamp } from './disk/file-stamp.ts';
import { BrokenLine } from './journal/journal-damage.ts';
import { JournalFile, journalPath } from './journal/journal-file.ts';
import type { Loaded } from './loaded.ts';

/**
 * How long, in milliseconds, a writer relies on the snapshot to see that the journal was replaced: folding, which replaces it, replaces the
 * snapshot first. Only a repair, or a person who deletes it, does not. To ask for the journal's own times before each write would make
 * the sync that follows slower by a quarter: Linux 6.13 and newer then note finer ones.
 */
export const RELY_MS = 20;

/** Reads on in the journal, through its replacement by a newer one where nothing is missed. */
export class Follower {
  readonly #path: string;
  readonly #at: FaultHook | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param path the store's file. */
  constructor(path: string, at?: FaultHook) {
    this.#path = path;
    this.#at = at;
  }

  /** Brings it up to date. @returns false: it has to be read anew. */
  follow(loaded: Loaded, isLocked: boolean): boolean {
    if (isLocked && this.#isInPlace(loaded)) return readOn(loaded);
    // Asked for before reading on: a journal that is replaced in between is still read to its end then.
    const ino = statSync(journalPath(this.#path), { throwIfNoEntry: false })?.ino;
    this.#lookedAt = performance.now();
    const now = statStamp(this.#path);
    const { journal, stamp } = loaded;
    if (!journal) return ino === loaded.obsolete && sameFile(stamp, now);
    if (!readOn(loaded)) return false;
    if (ino !== journal.ino) return this.#changeOver(loaded, journal, isLocked);
    // Its fold lies there already: a compaction is under way, or its author has died.
    return sameFile(stamp, now) || (journal.fold !== undefined && sameFile(journal.fold.snapshot, now));
  }

  #isInPlace({ journal, stamp }: Loaded): boolean {
    if (!journal || performance.now() - this.#lookedAt > RELY_MS) return false;
    return sameFile(stamp, statStamp(this.#path));
  }

  /** Goes on with the journal that was put in the place of the old one, if nothing was missed in between. */
  #changeOver(loaded: Loaded, journal: JournalFile, isLocked: boolean): boolean {
    const next = JournalFile.open(journalPath(this.#path), this.#at);
    if (!next) return false;
    const { follows, revision, snapshot } = next.head;
    const gapless = follows?.revision === loaded.revision && follows.end === journal.end;
    if (!gapless || !sameFile(snapshot, statStamp(this.#path))) {
      next.close();
      return false;
    }
    journal.close();
    Object.assign(loaded, { journal: next, revision, stamp: snapshot, foreign: next.head.foreign ?? false });
    return this.follow(loaded, isLocked);
  }
}

function readOn({ journal, table }: Loaded): boolean {
  try {
    journal?.follow((record) => table.apply(record));
    return true;
  } catch (error) {
    if (error instanceof BrokenLine) return false;
    throw error;
  }
}
