import { isUtf8 } from 'node:buffer';
import type { Task, TaskStatus } from '../../../model/task.ts';
import type { Entry } from '../../entry.ts';
import { Mismatch } from '../../shape.ts';
import { type Document, toDocument, toTask } from './format.ts';
import type { TaskShelf } from './shelf.ts';
import { type Outline, ShelvedEntry } from './shelf-entry.ts';
import type { SnapshotFile } from './snapshot-file.ts';
import { frameText, MARKS, taskText } from './snapshot-layout.ts';
import type { SnapshotWindow } from './snapshot-window.ts';

/** How far into a file its list of tasks may begin, in bytes. */
const MAX_HEAD_BYTES = 1 << 20;
const OTHER_LAYOUT = 'this is not laid out as orch writes it';

interface ReaderOptions {
  /** Where the ended tasks stay. */
  file: SnapshotFile;
  /** Takes the ended tasks that are not laid out as they will be written. */
  shelf: TaskShelf;
  /** Stands in for the `createdAt` of tasks that have none. */
  modifiedAt: string;
  /** Every byte is as orch wrote it: the tasks need no checks. */
  trusted: boolean;
}

/** The file is laid out in another way, or not right: it has to be read whole. */
export class Deviation extends Error {
  /** Where the part begins in which that was found: bytes from the file's beginning. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Reads a file task by task; those that have ended stay where they are. */
export class SnapshotReader {
  readonly #window: SnapshotWindow;
  readonly #options: ReaderOptions;
  readonly #ids = new Set<string>();
  #asWritten = true;

  constructor(window: SnapshotWindow, options: ReaderOptions) {
    this.#window = window;
    this.#options = options;
  }

  /** Whether what was read is, byte for byte, as it would be written. */
  get asWritten(): boolean {
    return this.#asWritten;
  }

  /** @throws Deviation; what the file system throws. */
  read(): Document {
    let offset = 0;
    try {
      const head = textOf(this.#window.takeThrough(MARKS.listBegin, MAX_HEAD_BYTES));
      const tasks: Entry[] = [];
      do {
        offset = this.#window.offset;
        tasks.push(this.#task());
      } while (this.#window.take(MARKS.separator));
      offset = this.#window.offset;
      if (!this.#window.take(MARKS.listEnd)) throw new Mismatch(OTHER_LAYOUT);
      const frame = this.#frame(`${head.slice(0, -1)}]${textOf(this.#window.takeRest())}`);
      return { ...frame, tasks };
    } catch (error) {
      if (error instanceof Mismatch) throw new Deviation(error.message, offset);
      if (error instanceof SyntaxError) throw new Deviation('this is not JSON', offset);
      throw error;
    }
  }

  #task(): Entry {
    const { offset } = this.#window;
    if (!this.#window.isNext(MARKS.taskBegin)) throw new Mismatch(OTHER_LAYOUT);
    const bytes = this.#window.takeThrough(MARKS.taskEnd);
    if (!bytes) throw new Mismatch(OTHER_LAYOUT);
    return this.#options.trusted ? this.#trusted(bytes, offset) : this.#checked(bytes, offset);
  }

  #trusted(bytes: Buffer, offset: number): Entry {
    const status = valueAfter(MARKS.status, bytes) as TaskStatus | undefined;
    if (!hasEnded(status)) return JSON.parse(bytes.toString('utf8'));
    const id = valueAfter(MARKS.id, bytes);
    // Parsed only where more is needed.
    const known = id !== undefined && !bytes.includes(MARKS.after);
    const outline: Outline = known ? { id, status } : JSON.parse(bytes.toString('utf8'));
    return new ShelvedEntry(outline, this.#options.file, offset, bytes.length);
  }

  #checked(bytes: Buffer, offset: number): Entry {
    const { file, shelf, modifiedAt } = this.#options;
    const text = textOf(bytes);
    const task: Task = toTask(JSON.parse(text), modifiedAt);
    if (this.#ids.has(task.id)) throw new Mismatch(`the id ${task.id} is here a second time`);
    this.#ids.add(task.id);
    const asWritten = taskText(task) === text;
    this.#asWritten &&= asWritten;
    if (!hasEnded(task.status)) return task;
    if (!asWritten) return shelf.put(task) ?? task;
    return new ShelvedEntry(task, file, offset, bytes.length);
  }

  #frame(text: string): Document {
    const json = JSON.parse(text);
    // Otherwise the list that was read might be another one than the document's.
    if (`${JSON.stringify(json, null, 2)}\n` !== text) throw new Mismatch(OTHER_LAYOUT);
    const frame = toDocument(json, this.#options.modifiedAt);
    this.#asWritten &&= frameText(frame) === text;
    return frame;
  }
}

function textOf(bytes: Buffer | undefined): string {
  if (!bytes) throw new Mismatch(OTHER_LAYOUT);
  if (!isUtf8(bytes)) throw new Mismatch('this is not UTF-8 text');
  return bytes.toString('utf8');
}

function hasEnded(status: TaskStatus | undefined): status is 'completed' | 'failed' {
  return status === 'completed' || status === 'failed';
}

/** The short string behind a field's name. Neither an id nor a status has characters that would be escaped. */
function valueAfter(mark: Buffer, bytes: Buffer): string | undefined {
  const found = bytes.indexOf(mark);
  if (found < 0) return undefined;
  const from = found + mark.length;
  return bytes.toString('latin1', from, bytes.indexOf(MARKS.quote, from));
}
