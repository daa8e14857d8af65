import { existsSync } from 'node:fs';
import type { TaskTable } from '../task-table.ts';
import { beginJournal } from './begin-journal.ts';
import type { PlannedTasks } from './bulk/planned-tasks.ts';
import { changedMeanwhile } from './disk/conflicts.ts';
import type { FaultHook } from './disk/fault-points.ts';
import { type FileStamp, sameFile, sizeOf, statStamp } from './disk/file-stamp.ts';
import { requireWritable } from './disk/writable.ts';
import { Follower } from './follower.ts';
import type { JournalBatch } from './journal/journal-batch.ts';
import { JournalFile, journalPath } from './journal/journal-file.ts';
import type { Loaded } from './loaded.ts';
import type { Loader } from './loader.ts';
import { forgetEnded } from './run-facts.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

/** Bytes of both files that are read in a moment. */
const SMALL_BYTES = 4 * 1024 * 1024;

/** Bytes of journal for each byte of snapshot, above which a journal is folded while it is in use. */
const GROWTH = 2;

interface ReplicaParts {
  path: string;
  /** How messages call the store. */
  name: string;
  snapshot: Snapshot;
  /** Reads both files where reading on is not enough. */
  loader: Loader;
  /** Called before anything is written. @throws OrchError: the lock does not hold any more. */
  requireLock: () => void;
  faultHook: FaultHook | undefined;
}

/** What this process knows of the store: the fold of snapshot and journal, kept up to date by reading on. */
export class Replica {
  readonly #path: string;
  readonly #name: string;
  readonly #snapshot: Snapshot;
  readonly #loader: Loader;
  readonly #requireLock: () => void;
  readonly #follower: Follower;
  readonly #at: FaultHook | undefined;
  #loaded: Loaded | undefined;
  /** The journal's end, where nothing is loaded. */
  #tail: JournalFile | undefined;
  #isNew = false;
  #syncFailure: { error: unknown } | undefined;
  #writes = 0;
  #checkedWritable: Loaded | undefined;

  constructor({ path, name, snapshot, loader, requireLock, faultHook }: ReplicaParts) {
    this.#path = path;
    this.#name = name;
    this.#snapshot = snapshot;
    this.#loader = loader;
    this.#requireLock = requireLock;
    this.#follower = new Follower(path, faultHook);
    this.#at = faultHook;
  }

  get isLoaded(): boolean {
    return this.#loaded !== undefined;
  }

  /** The journal that is appended to, if there is one yet. */
  get journal(): JournalFile | undefined {
    return this.#tail ?? this.#loaded?.journal;
  }

  /** Up to where the journal that is appended to is known to be on the disk; 0: unknown. */
  get synced(): number {
    const { journal } = this;
    // One that has been folded is not appended to any more.
    return journal && !journal.fold ? journal.synced : 0;
  }

  /** What the first sync that failed said. Nothing is to be written after it: nobody knows what is on the disk. */
  get syncFailure(): { error: unknown } | undefined {
    return this.#syncFailure ?? this.journal?.syncFailure;
  }

  /** How often this object has written to the store. */
  get writes(): number {
    return this.#writes;
  }

  /**
   * Whether the journal is longer than `atLeast` bytes, and so much longer than the snapshot that a fold costs little beside what was
   * written since the last.
   */
  isGrown(atLeast: number): boolean {
    const { journal, stamp } = this.#loaded ?? {};
    return journal !== undefined && journal.end > Math.max(atLeast, GROWTH * (stamp?.size ?? 0));
  }

  /** As it stands now. No lock is needed: both files grow or are replaced, and what is unfinished is passed over. */
  table(): TaskTable {
    return this.#upToDate(false).table;
  }

  /** Likewise, to be changed: under the lock. */
  tableToChange(): TaskTable {
    const { table, journal } = this.#upToDate(true);
    journal?.cutTail();
    return table;
  }

  /**
   * Likewise, to ask which tasks there are, and to be forgotten then: where nothing was loaded, it takes little memory, and does not say which
   * of them could be done.
   */
  tableToLookUp(): TaskTable {
    if (!this.#loaded) this.#load(true);
    return this.tableToChange();
  }

  /** Forgets all tasks, and keeps the journal: it can still be appended to, and synced. To be called under the lock. */
  forget(): void {
    if (!this.#loaded) return;
    this.#loader.saw(this.#loaded);
    this.#tail = this.#loaded.journal;
    this.#loaded = undefined;
  }

  /**
   * Number of the next automatic id, where it can be told by the journal's last line, or because there is no store yet: nothing else need
   * be read to add tasks that have nothing to do with those that are there. To be called under the lock.
   * @returns undefined when the store has to be read for that, has been read already, or is so small that who comes again had better know it.
   */
  nextIdUnread(): number | undefined {
    if (this.#loaded || this.#isWorthReading()) return undefined;
    const before = this.#tail;
    this.#tail = this.#openTail(before);
    this.#letGo(before);
    this.#isNew = !this.#tail && !this.#loader.hasSeen && !this.#exists();
    return this.#isNew ? 1 : this.#tail?.next;
  }

  /** Takes what was applied to the table already. To be called under the same lock; when it fails, `drop` has to follow. */
  append({ lines, records, nextId }: JournalBatch): void {
    this.#requireLock();
    const journal = this.#tail ?? this.#journalToAppend();
    journal.append(lines, records, nextId);
    this.#writes++;
  }

  /**
   * Appends what is not applied to the table: that is forgotten before, so that the memory it takes is free, and read anew when somebody asks.
   * To be called under the same lock; when it fails, `drop` has to follow.
   */
  appendUnread(planned: PlannedTasks): void {
    this.#requireLock();
    const journal = this.#tail ?? this.#journalToAppend();
    const { revision = 0, stamp } = this.#loaded ?? {};
    this.forget();
    journal.appendAll(planned.lines(this.synced), planned.records, planned.nextId);
    if (stamp) this.#loader.saw({ revision, stamp, journal });
    this.#writes++;
  }

  /** Folds the journal into the snapshot. To be called under the lock. What is about runs that have ended is forgotten. */
  compact(isLive: (run: string) => boolean): void {
    this.tableToChange();
    const loaded = this.#loaded;
    if (!loaded?.journal || loaded.journal.records === 0) return;
    const { table, journal, revision } = loaded;
    forgetEnded(table, isLive);
    try {
      this.#requireWritable(loaded);
      const next = { revision: revision + 1, nextId: table.nextId, entries: table.entries() };
      const stamp = this.#snapshot.write(next, statStamp(this.#path), (snapshot) => {
        this.#requireLock();
        journal.appendFold({ op: 'fold', revision: next.revision, snapshot });
      });
      this.#begin(loaded, next.revision, stamp);
      this.#writes++;
    } catch (error) {
      this.drop();
      throw error;
    }
  }

  /** Gives back the room that was made for more changes. To be called under the lock. */
  trim(): void {
    if (!this.#loaded) return;
    this.tableToChange();
    this.#loaded.journal?.trim();
  }

  /** Forgets everything but the revision: what comes next reads anew. */
  drop(): void {
    if (this.#loaded) this.#loader.saw(this.#loaded);
    this.#isNew = false;
    this.#letGo(this.#tail);
    this.#tail = undefined;
    this.#letGo(this.#loaded?.journal);
    this.#loaded = undefined;
  }

  /** Whoever adds twice is no command that ends at once, and may want to know soon what there is. */
  #isWorthReading(): boolean {
    return this.#writes > 0 && sizeOf(this.#path) + sizeOf(journalPath(this.#path)) <= SMALL_BYTES;
  }

  #exists(): boolean {
    return existsSync(this.#path) || existsSync(journalPath(this.#path));
  }

  /** In a store that is begun, what is appended first is in no table. */
  #journalToAppend(): JournalFile {
    if (!this.#isNew) return this.#journalFor(this.#loaded ?? this.#upToDate(true));
    this.#isNew = false;
    const loaded = this.#loader.load();
    // What was planned knows nothing of it.
    if (loaded.stamp) throw changedMeanwhile(this.#name);
    this.#tail = this.#journalFor(loaded);
    return this.#tail;
  }

  #letGo(journal: JournalFile | undefined): void {
    this.#syncFailure ??= journal?.syncFailure;
    journal?.close();
  }

  /** @param before as it was opened the last time. */
  #openTail(before: JournalFile | undefined): JournalFile | undefined {
    requireWritable(this.#path, this.#name);
    const journal = JournalFile.open(journalPath(this.#path), this.#at);
    if (!journal) return undefined;
    const fits = sameFile(journal.head.snapshot, statStamp(this.#path));
    if (fits && journal.skipToEnd(before)) return journal;
    journal.close();
    return undefined;
  }

  #upToDate(isLocked: boolean): Loaded {
    if (this.#loaded && this.#follower.follow(this.#loaded, isLocked)) return this.#loaded;
    return this.#load(false);
  }

  #load(forLookUp: boolean): Loaded {
    this.drop();
    this.#loaded = this.#loader.load(forLookUp);
    return this.#loaded;
  }

  /** The journal to append to: a new one where there is none, or where the old one has been folded. */
  #journalFor(loaded: Loaded): JournalFile {
    this.#requireWritable(loaded);
    const { journal, stamp, revision } = loaded;
    const fold = journal?.fold;
    if (journal && fold && !sameFile(stamp, statStamp(this.#path))) {
      return this.#begin(loaded, fold.revision, fold.snapshot);
    }
    if (journal) return journal;
    const base = stamp ?? this.#snapshot.write({ revision, nextId: 1, entries: [] }, undefined);
    return this.#begin(loaded, revision, base);
  }

  #begin(loaded: Loaded, revision: number, snapshot: FileStamp): JournalFile {
    const { journal } = loaded;
    const begun = beginJournal(this.#path, loaded, revision, snapshot, this.#at);
    this.#letGo(journal);
    return begun;
  }

  /** Once for what was loaded. */
  #requireWritable(loaded: Loaded): void {
    if (this.#checkedWritable === loaded) return;
    requireWritable(this.#path, this.#name);
    this.#checkedWritable = loaded;
  }
}
