import { LowSync } from 'lowdb';
import type { Entry } from '../../entry.ts';
import type { FileStamp, StatStamp } from '../disk/file-stamp.ts';
import { FileAdapter, type FileAdapterOptions } from './file-adapter.ts';
import { type Document, emptyDocument } from './format.ts';

export interface SnapshotContent {
  document: Document;
  stamp: FileStamp;
  /** Whether it is laid out as this program does it: if not, it has to be checked each time. */
  asWritten: boolean;
}

/** The tasks file, as lowdb holds it: all of the store at one moment. Fields of it that are none of ours are kept. */
export class Snapshot {
  readonly #file: FileAdapter;
  readonly #db: LowSync<Document>;

  #beforeRename: (stamp: FileStamp) => void = () => {};

  constructor(options: Omit<FileAdapterOptions, 'beforeRename'>) {
    this.#file = new FileAdapter({ ...options, beforeRename: (stamp) => this.#beforeRename(stamp) });
    this.#db = new LowSync(this.#file, emptyDocument());
  }

  /**
   * @param trusted it is known to be one that was written here: it need not be checked.
   * @returns undefined when there is no file.
   * @throws FormatError; `store-unusable`
   */
  read(trusted: boolean): SnapshotContent | undefined {
    const nothing = emptyDocument();
    this.#db.data = nothing;
    this.#file.trusted = trusted;
    this.#db.read();
    const { stamp, asWritten } = this.#file;
    return this.#db.data === nothing || !stamp ? undefined : { document: this.#db.data, stamp, asWritten };
  }

  /**
   * @param replaces what is there, as it was read; undefined: nothing. Another file is not written over.
   * @param beforeRename called when it is durable under another name, with the stamp that it will have.
   * @throws `store-unusable`: the file is as it was.
   */
  write(
    content: { revision: number; nextId: number; entries: Iterable<Entry> },
    replaces: StatStamp | undefined,
    beforeRename: (stamp: FileStamp) => void = () => {},
  ): FileStamp {
    const { revision, nextId, entries } = content;
    this.#beforeRename = beforeRename;
    this.#file.replaces = replaces ?? 'nothing';
    this.#db.data = { ...this.#db.data, revision, nextId, tasks: [...entries] };
    this.#db.write();
    // lowdb would keep all of it.
    this.#db.data = { ...this.#db.data, tasks: [] };
    const { stamp } = this.#file;
    if (!stamp) throw new Error('a file that was written has no stamp');
    return stamp;
  }

  /** Closes what shelved tasks are read from. */
  close(): void {
    this.#file.close();
  }
}
