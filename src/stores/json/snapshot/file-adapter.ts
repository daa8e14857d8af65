import { fstatSync, openSync } from 'node:fs';
import type { SyncAdapter } from 'lowdb';
import { changedMeanwhile } from '../disk/conflicts.ts';
import type { FaultHook } from '../disk/fault-points.ts';
import { codeOf, storeFault } from '../disk/faults.ts';
import { type FileStamp, type StatStamp, sameFile, stampOf, statStamp } from '../disk/file-stamp.ts';
import { replaceFile } from '../disk/replace-file.ts';
import type { Document } from './format.ts';
import type { TaskShelf } from './shelf.ts';
import { ShelfFile } from './shelf-file.ts';
import { SnapshotFile } from './snapshot-file.ts';
import { type Loaded, loadSnapshot } from './snapshot-load.ts';
import { moveShelved, type Written, writeSnapshot } from './snapshot-writer.ts';

export interface FileAdapterOptions {
  /** The file, symbolic links followed. */
  path: string;
  /** How messages call the store. */
  name: string;
  /** Holds the ended tasks that are not in the file as it stands. */
  shelf: TaskShelf;
  /** Called at each moment of a write. */
  faultHook?: FaultHook | undefined;
  /** Called when the new file is durable beside the old one, before it takes its place. What it throws ends the write. */
  beforeRename?: ((stamp: FileStamp) => void) | undefined;
}

/**
 * Reads and writes the file as a stream; ended tasks stay in it. A reader sees the old content or the new one, never a
 * part: the new one is written beside it, made durable, and put in its place. All of it is synchronous.
 */
export class FileAdapter implements SyncAdapter<Document> {
  /** For the next reads: the file has a stamp that was told with `asWritten`, so that it need not be checked. Default: false. */
  trusted = false;

  /** For the next writes: what is there. Anything else is not written over. Default: whatever it is. */
  replaces: StatStamp | 'nothing' | undefined;

  readonly #options: FileAdapterOptions;
  #last: Pick<Loaded, 'stamp' | 'asWritten'> | undefined;
  /** Where ended tasks were left last. */
  #file: SnapshotFile | undefined;

  constructor(options: FileAdapterOptions) {
    this.#options = options;
  }

  /** Of the file that was read or written last; undefined when there was none. */
  get stamp(): FileStamp | undefined {
    return this.#last?.stamp;
  }

  /** Whether that file is, byte for byte, what `write` makes of the same document. Only then may its stamp be trusted later. */
  get asWritten(): boolean {
    return this.#last?.asWritten ?? false;
  }

  /**
   * Ended tasks of the document read before stay readable for as long as somebody has them.
   * @returns null when there is no file.
   * @throws `store-unusable`; FormatError when the content cannot be understood.
   */
  read(): Document | null {
    const { path, name, shelf } = this.#options;
    this.#last = undefined;
    shelf.renew();
    let opened: ShelfFile | undefined;
    try {
      opened = new ShelfFile(openSync(path, 'r'));
      const { document, file, stamp, asWritten } = loadSnapshot(opened, {
        name,
        shelf,
        trusted: this.trusted,
      });
      this.#last = { stamp, asWritten };
      this.#keep(file);
      return document;
    } catch (error) {
      opened?.close();
      if (codeOf(error) === 'ENOENT') return null;
      throw storeFault('read', name, error);
    }
  }

  /**
   * Its shelved tasks are in the new file afterwards.
   * @throws `store-unusable`: the file is as it was, unless only its folder could not be made durable.
   */
  write(document: Document): void {
    const { path, name, faultHook, beforeRename } = this.#options;
    const isNew = this.replaces === 'nothing';
    let written: Written | undefined;
    try {
      faultHook?.('before-snapshot');
      replaceFile(path, {
        like: path,
        isNew,
        write: (fd) => {
          written = writeSnapshot(document, fd, faultHook);
          faultHook?.('before-snapshot-sync');
          return written;
        },
        beforeRename: ({ stamp }) => {
          faultHook?.('before-snapshot-rename');
          this.#requireUnchanged();
          beforeRename?.(stamp);
        },
        afterRename: () => {
          if (written) this.#take(document, written);
          faultHook?.('after-snapshot-rename');
        },
      });
    } catch (error) {
      throw codeOf(error) === 'EEXIST' ? changedMeanwhile(name) : storeFault('write', name, error);
    }
  }

  /** The ended tasks in the file cannot be read any more. */
  close(): void {
    this.#file?.close();
  }

  /** A person, or git, may have saved it while the new one was being written. */
  #requireUnchanged(): void {
    const { path, name } = this.#options;
    if (this.replaces === undefined || this.replaces === 'nothing') return;
    if (!sameFile(this.replaces, statStamp(path))) throw changedMeanwhile(name);
  }

  #take(document: Document, { stamp, places }: Written): void {
    this.#last = { stamp, asWritten: true };
    const file = this.#open(stamp);
    if (!file) return;
    moveShelved(document, places, file);
    this.#options.shelf.renew();
    this.#keep(file);
  }

  /** @returns undefined when it is not what was written, or cannot be opened: the shelved tasks stay where they are. */
  #open(stamp: FileStamp): SnapshotFile | undefined {
    const { path, name } = this.#options;
    try {
      const opened = new ShelfFile(openSync(path, 'r'));
      if (sameFile(stamp, stampOf(fstatSync(opened.fd)))) return new SnapshotFile(opened, name, stamp);
      opened.close();
    } catch {
      // Somebody has put another file in its place, or removed it, or too many files are open.
    }
    return undefined;
  }

  /** No more tasks come to it: without any, it is closed. */
  #keep(file: SnapshotFile): void {
    this.#file = file;
    file.retire();
  }
}
