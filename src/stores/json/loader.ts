import { statSync } from 'node:fs';
import { OrchError } from '../../model/errors.ts';
import type { Shelf } from '../entry.ts';
import { TaskTable } from '../task-table.ts';
import {
  brokenJournal,
  changedByHand,
  goneUnderJournal,
  journalVanished,
  missing,
  olderCopy,
  Vanished,
  vanished,
} from './disk/conflicts.ts';
import type { FaultHook } from './disk/fault-points.ts';
import { crcOfFile, type FileStamp, type StatStamp, sameFile, statStamp } from './disk/file-stamp.ts';
import { BrokenLine } from './journal/journal-damage.ts';
import { JournalFile, journalPath } from './journal/journal-file.ts';
import type { Loaded } from './loaded.ts';
import { followRuns, restoreRunFacts, runFactsOf } from './run-facts.ts';
import { FormatError } from './snapshot/format.ts';
import type { Snapshot, SnapshotContent } from './snapshot/snapshot.ts';

/** Times that both files may be replaced while they are read. */
const MOST_TRIES = 100;

/** The snapshot that was known, and how many changes its journal held. */
interface Seen {
  revision: number;
  stamp: FileStamp;
  records: number;
}

interface LoaderOptions {
  path: string;
  /** How messages call the store. */
  name: string;
  snapshot: Snapshot;
  shelf: Shelf;
  /** No file is an empty store, until there is one. */
  mayBeAbsent: boolean;
  faultHook?: FaultHook | undefined;
}

/**
 * Reads snapshot and journal, and says what they come to. The journal's head names the snapshot that it continues:
 *
 * | snapshot | journal | then |
 * |---|---|---|
 * | fits | | the fold of both |
 * | the one that the journal was being folded into | ends with that fold | the snapshot alone: a fold was cut short |
 * | none, or another | changes | refused: neither is merged, neither is lost |
 * | older than the head's, or than the last one seen | no changes | refused: it knows nothing of what was done since |
 * | another | none, or no changes | the snapshot alone, checked: somebody edited it, or brought it from elsewhere |
 */
export class Loader {
  readonly #options: LoaderOptions;
  readonly #journalPath: string;
  #forLookUp = false;
  /** What was known last; undefined until then. */
  #seen: Seen | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#journalPath = journalPath(options.path);
  }

  /**
   * @param forLookUp it is only asked which tasks there are: they take little memory so.
   * @throws FormatError. `store-missing`. `store-unusable`
   */
  load(forLookUp = false): Loaded {
    this.#forLookUp = forLookUp;
    let broken: BrokenLine | undefined;
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      try {
        const loaded = this.#try();
        if (!loaded) continue;
        this.saw(loaded);
        return loaded;
      } catch (error) {
        if (!(error instanceof BrokenLine)) throw error;
        // Who reads takes no lock, and may have seen one half before a torn end was cut off and the other after: that is not seen twice.
        if (error.offset === broken?.offset) throw brokenJournal(journalPath(this.#options.name), error);
        broken = error;
      }
    }
    throw new OrchError(
      'store-unusable',
      `${this.#options.name} is replaced again and again while it is read; try again`,
    );
  }

  /** What is known of the store: an older snapshot, or this one without its journal, is not taken for it later. */
  saw({ revision, stamp, journal }: Pick<Loaded, 'revision' | 'stamp' | 'journal'>): void {
    if (stamp) this.#seen = { revision, stamp, records: journal?.records ?? 0 };
  }

  /** Whether there was a store before. */
  get hasSeen(): boolean {
    return this.#seen !== undefined;
  }

  /** Whether a load may do better soon: what was whole before may be being written this moment, by an editor or git. */
  mayPass(error: unknown): boolean {
    return this.#seen !== undefined && (error instanceof FormatError || error instanceof Vanished);
  }

  /** @returns undefined when the files were replaced meanwhile. */
  #try(): Loaded | undefined {
    const journal = JournalFile.open(this.#journalPath, this.#options.faultHook);
    let loaded: Loaded | undefined;
    try {
      loaded = journal ? this.#withJournal(journal) : this.#withoutJournal();
      if (loaded && !loaded.journal) loaded.obsolete = journal?.ino;
      return loaded;
    } catch (error) {
      // What was read of two files that do not belong together says nothing.
      if (this.#isReplaced(journal)) return undefined;
      throw error;
    } finally {
      if (loaded?.journal !== journal) journal?.close();
    }
  }

  #withoutJournal(): Loaded {
    const { name, path } = this.#options;
    if (this.#seen && this.#seen.records > 0 && sameFile(this.#seen.stamp, statStamp(path))) {
      throw journalVanished(name, this.#seen.records);
    }
    return this.#snapshotAlone(0);
  }

  #withJournal(journal: JournalFile): Loaded | undefined {
    const { path, name } = this.#options;
    const { head } = journal;
    const now = statStamp(path);
    if (now && this.#fits(head.snapshot, now)) return this.#continued(journal, now);
    // Where the snapshot stands for itself, what is about runs is still to be known.
    const runs = new TaskTable();
    restoreRunFacts(runs, head);
    journal.follow((record) => followRuns(runs, record));
    const { fold, records } = journal;
    if (fold && now && this.#fits(fold.snapshot, now)) return withRuns(this.#knownSnapshot(now, true), runs);
    if (this.#isReplaced(journal)) return undefined;
    if (records > 0) {
      if (!now) throw goneUnderJournal(name, records);
      throw changedByHand(name, records, this.#snapshotAlone(head.next, 0).revision, head.revision);
    }
    if (!now) return this.#snapshotAlone(0);
    const alone = this.#snapshotAlone(head.next, Math.max(head.revision, this.#seen?.revision ?? 0));
    return withRuns(alone, runs);
  }

  /** The fold of both. @returns undefined when the snapshot was replaced meanwhile. */
  #continued(journal: JournalFile, now: StatStamp): Loaded | undefined {
    const loaded = this.#knownSnapshot(now, !journal.head.foreign);
    if (!loaded) return undefined;
    restoreRunFacts(loaded.table, journal.head);
    const { table } = loaded;
    table.reserve(journal.head.next);
    journal.follow((record) => table.apply(record));
    table.reserve(journal.next);
    return { ...loaded, journal };
  }

  /** A snapshot that is known. @returns undefined when it was replaced meanwhile. */
  #knownSnapshot(expected: StatStamp, trusted: boolean): Loaded | undefined {
    const read = this.#options.snapshot.read(trusted);
    return read && sameFile(read.stamp, expected) ? this.#loadedOf(read, 0) : undefined;
  }

  /** @param next number of the next automatic id, if no task says a higher one. @param atLeast the revision it must have. */
  #snapshotAlone(next: number, atLeast = this.#seen?.revision ?? 0): Loaded {
    const { name, snapshot } = this.#options;
    const read = snapshot.read(false);
    if (!read) return this.#noStore();
    const { revision } = read.document;
    if (revision < atLeast) throw olderCopy(name, revision, atLeast);
    return this.#loadedOf(read, next);
  }

  #loadedOf({ document, stamp, asWritten }: SnapshotContent, next: number): Loaded {
    const { revision, nextId, tasks } = document;
    const content = { entries: tasks, nextId: Math.max(nextId, next) };
    const table = new TaskTable(content, this.#options.shelf, this.#forLookUp);
    return { table, revision, stamp, foreign: !asWritten, journal: undefined };
  }

  #noStore(): Loaded {
    const { name, mayBeAbsent, shelf } = this.#options;
    if (this.#seen !== undefined) throw vanished(name);
    if (!mayBeAbsent) throw missing(name);
    const table = new TaskTable(undefined, shelf);
    return { table, revision: 0, stamp: undefined, foreign: false, journal: undefined };
  }

  /** One that was copied or touched has the same content still. */
  #fits(stamp: FileStamp, now: StatStamp): boolean {
    if (sameFile(stamp, now)) return true;
    return stamp.size === now.size && crcOfFile(this.#options.path) === stamp.crc;
  }

  #isReplaced(journal: JournalFile | undefined): boolean {
    return statSync(this.#journalPath, { throwIfNoEntry: false })?.ino !== journal?.ino;
  }
}

function withRuns(loaded: Loaded | undefined, from: TaskTable): Loaded | undefined {
  if (loaded) restoreRunFacts(loaded.table, runFactsOf(from));
  return loaded;
}
