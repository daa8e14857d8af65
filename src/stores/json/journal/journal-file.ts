import { closeSync, fdatasync, fdatasyncSync, fstatSync, type NoParamCallback, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { TableRecord } from '../../record.ts';
import { journalCut } from '../disk/conflicts.ts';
import type { FaultHook } from '../disk/fault-points.ts';
import { HeldFile } from '../disk/held-file.ts';
import { replaceFile, syncFolder, writeAll } from '../disk/replace-file.ts';
import { endOfText, lastRecord } from './journal-end.ts';
import { NEWLINE } from './journal-line.ts';
import { bytesAt } from './journal-lines.ts';
import { headOf, newer, type Opened, openForAll, unusable } from './journal-open.ts';
import {
  type Fold,
  type Head,
  isKnownRecord,
  isTableRecord,
  type JournalRecord,
  recordJson,
} from './journal-record.ts';
import { scan } from './journal-scan.ts';
import { JournalTail } from './journal-tail.ts';
import { encodeLine } from './line-buffer.ts';

/** What `node:fs` has when it is called: the self-test puts a function that watches in its place. */
const fdatasyncInPool = promisify((fd: number, callback: NoParamCallback) => fdatasync(fd, callback));

export function journalPath(store: string): string {
  return `${store}.journal`;
}

/** A journal that is open. It goes on being readable and writable to its end when another has been put in its place. */
export class JournalFile {
  /** By path, the journal whose name this process knows to be on the disk. */
  static readonly #durableNames = new Map<string, string>();

  readonly path: string;
  readonly head: Head & { next: number };
  /** Tells this file from another under the same name. It is not reused as long as this one is open. */
  readonly ino: number;
  readonly #identity: string;
  readonly #fd: number;
  readonly #file: HeldFile;
  readonly #writable: boolean;
  readonly #at: FaultHook | undefined;
  readonly #tail: JournalTail;
  #end: number;
  #records = 0;
  #next: number;
  #synced = 0;
  #syncFailure: { error: unknown } | undefined;
  #fold: Fold | undefined;
  /** All before its end has been read, or written here. */
  #isFollowed = false;
  /** Behind its end stands more than room, though there may be zeros in between. */
  #hasRest = false;

  /** @returns undefined when there is none. @throws OrchError `store-unusable`: it is no journal. */
  static open(path: string, at?: FaultHook): JournalFile | undefined {
    const opened = openForAll(path);
    if (!opened) return undefined;
    try {
      return new JournalFile(path, opened, at);
    } catch (error) {
      closeSync(opened.fd);
      throw error;
    }
  }

  /** Puts a new journal in the place of the old one. @param like the file whose owner and mode it gets. */
  static create(path: string, like: string, head: Head, next: number, at?: FaultHook): JournalFile {
    const line = encodeLine(recordJson(head, next), false);
    replaceFile(path, {
      like,
      write: (fd) => writeAll(fd, Buffer.from(line)),
      beforeRename: () => at?.('before-journal-rename'),
      afterRename: () => at?.('after-journal-rename'),
    });
    const created = JournalFile.open(path, at);
    if (!created) throw unusable(`${path} has vanished; try again`);
    JournalFile.#durableNames.set(path, created.#identity);
    created.#synced = created.#end;
    return created;
  }

  private constructor(path: string, { fd, writable }: Opened, at: FaultHook | undefined) {
    this.path = path;
    this.#fd = fd;
    this.#file = new HeldFile(fd);
    this.#writable = writable;
    this.#at = at;
    this.#tail = new JournalTail(fd, at);
    const { ino, birthtimeMs } = fstatSync(fd);
    this.ino = ino;
    this.#identity = `${ino} ${birthtimeMs}`;
    const { head, end } = headOf(fd, path);
    this.head = head;
    this.#next = head.next;
    this.#end = end;
  }

  /** How far it was read, or written by this object. */
  get end(): number {
    return this.#end;
  }

  /** Changes of tasks that were read or written after the head. */
  get records(): number {
    return this.#records;
  }

  /** Number of the next automatic id, as the last record has it. */
  get next(): number {
    return this.#next;
  }

  /** Up to where it is known to be on the disk, or relied on; 0: unknown. */
  get synced(): number {
    return this.#synced;
  }

  /** Of a sync: nobody knows what of it is on the disk since. */
  get syncFailure(): { error: unknown } | undefined {
    return this.#syncFailure;
  }

  /** It ends so: whoever wrote it began to fold it into a snapshot. */
  get fold(): Fold | undefined {
    return this.#fold;
  }

  /** Reads what was written since. @throws BrokenLine; `Vanished`: what had been read is not there any more. */
  follow(apply: (record: TableRecord) => void): void {
    if (this.#isFollowed && !this.#hasMore()) return;
    const { end, hasRest } = scan(this.#fd, this.#end, !this.#isFollowed, (record) =>
      this.#take(record, apply),
    );
    this.#end = end;
    this.#hasRest = hasRest;
    this.#isFollowed = true;
  }

  /**
   * Goes to the end without reading what lies before: enough to append, not to know what there is.
   * @param before this journal as it was opened the last time, which knows what was synced; without it, all that is there is relied on.
   * @returns whether the last line is whole, and long enough in sight to be found.
   */
  skipToEnd(before: JournalFile | undefined): boolean {
    const end = endOfText(this.#fd, fstatSync(this.#fd).size);
    const last = lastRecord(this.#fd, end);
    if (!last || last.op === 'fold') return false;
    this.#end = end;
    this.#synced = before?.ino === this.ino ? before.synced : end;
    this.#next = last.next;
    return true;
  }

  /** Cuts off what a writer that died left unfinished. To be called under the store's lock, when all has been read. */
  cutTail(): void {
    if (this.#hasRest) this.#tail.truncate(this.#end);
    else this.#tail.cut(this.#end);
    this.#hasRest = false;
  }

  /** Gives back the room that was made for more. To be called likewise. */
  trim(): void {
    this.#tail.trim(this.#end);
  }

  /** @param lines whole changes. @throws what the file system throws: nothing is appended then. */
  append(lines: Buffer, records: number, next: number): void {
    this.#prepare();
    this.#tail.append(lines, this.#end);
    this.#appended(lines.length, records, next);
  }

  /** The same of lines that come in pieces, which are one change. What throws in between has appended nothing either. */
  appendAll(pieces: Iterable<Buffer>, records: number, next: number): void {
    this.#prepare();
    const length = this.#tail.appendAll(pieces, this.#end);
    this.#appended(length, records, next);
  }

  #prepare(): void {
    // Opened once more, it says what is in the way.
    if (!this.#writable) closeSync(openSync(this.path, 'r+'));
    this.#makeNameDurable();
  }

  #appended(bytes: number, records: number, next: number): void {
    this.#end += bytes;
    this.#records += records;
    this.#next = next;
    this.#fold = undefined;
  }

  /** Notes durably that it is being folded into the snapshot with this stamp. */
  appendFold(fold: Fold): void {
    this.append(Buffer.from(encodeLine(recordJson(fold, this.#next), false)), 0, this.#next);
    this.#fold = fold;
    this.sync();
  }

  /** @throws what its first sync that failed said: the system tells once of what it could not write, to whoever asks next. */
  sync(): void {
    const end = this.#end;
    this.#at?.('before-sync');
    try {
      fdatasyncSync(this.#fd);
    } catch (error) {
      this.#syncFailure ??= { error };
    }
    this.#asSynced(end);
  }

  /** Likewise, in Node's thread pool. What is appended meanwhile may not be covered. */
  async syncInPool(): Promise<void> {
    const end = this.#end;
    this.#at?.('before-sync');
    const release = this.hold();
    try {
      await fdatasyncInPool(this.#fd);
    } catch (error) {
      this.#syncFailure ??= { error };
    }
    release();
    this.#asSynced(end);
  }

  /** Keeps it open, though it be closed, until what this returns is called. */
  hold(): () => void {
    return this.#file.hold();
  }

  /** Whoever holds it is waited for. */
  close(): void {
    this.#file.close();
  }

  #asSynced(end: number): void {
    if (this.#syncFailure) throw this.#syncFailure.error;
    this.#synced = Math.max(this.#synced, end);
    this.#at?.('after-sync');
  }

  /** Looked at with the line break before it: a file that was cut short, or written over in its place, is none to append to. */
  #hasMore(): boolean {
    const [last, next] = bytesAt(this.#fd, this.#end - 1, 2);
    if (last !== NEWLINE) throw journalCut(this.path);
    return next !== undefined && next !== 0;
  }

  #take(record: JournalRecord, apply: (record: TableRecord) => void): void {
    if (!isKnownRecord(record)) throw newer(this.path);
    this.#next = record.next;
    this.#fold = record.op === 'fold' ? record : undefined;
    if (!isTableRecord(record)) return;
    apply(record);
    this.#records++;
  }

  /** Whoever put it there may have died before its name was on the disk. */
  #makeNameDurable(): void {
    if (JournalFile.#durableNames.get(this.path) === this.#identity) return;
    syncFolder(dirname(this.path));
    JournalFile.#durableNames.set(this.path, this.#identity);
  }
}
