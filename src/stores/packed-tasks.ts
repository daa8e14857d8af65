import { NumberList } from '../model/number-list.ts';
import type { NewTask } from '../model/task.ts';
import { soundNewTask } from './check-task.ts';
import { checkId } from './task-ids.ts';
import type { Wanted } from './wanted.ts';

/** Bytes that are read back together. */
const PIECE_BYTES = 256 * 1024;

/** Texts, one after the other, most of which are not in memory. */
export interface TextLog {
  /** Where the next text will begin, in bytes. */
  readonly end: number;
  /** @throws where there is no room, or the log was closed: what is to be told of it. */
  append(text: string): void;
  readInto(target: Buffer, at: number, offset: number, length: number): void;
  close(): void;
}

/** Some of them that follow each other. */
interface Piece {
  /** Index of the first. */
  from: number;
  texts: string[];
}

/**
 * Tasks that are to be added, as lines of JSON in a log, most of which is not in memory. What is asked of all of them, which are few
 * things, is at hand.
 */
export class PackedTasks implements Wanted {
  readonly #log: TextLog;
  /** Where each begins in the log. */
  readonly #starts = new NumberList();
  /** Of those that have one of their own. */
  readonly #ids: string[] = [];
  #piece: Piece = { from: 0, texts: [] };
  readonly #after = new Map<number, readonly string[]>();

  constructor(log: TextLog) {
    this.#log = log;
  }

  get length(): number {
    return this.#starts.length;
  }

  /** Whether none has to do with others that may be there. */
  get isUnrelated(): boolean {
    return this.#ids.length === 0 && this.#after.size === 0;
  }

  /** The ids that they have of their own, and those of the tasks that they come after: some may stand there twice. */
  *named(): Generator<string> {
    yield* this.ownIds();
    for (const ids of this.#after.values()) yield* ids;
  }

  *ownIds(): Generator<string> {
    for (const id of this.#ids) if (id !== undefined) yield id;
  }

  /** Those that come after others, by index. */
  get afters(): ReadonlyMap<number, readonly string[]> {
    return this.#after;
  }

  /** @throws `usage`: it could not be read again. `store-unusable`: there is no room for it. */
  push(task: NewTask): void {
    if (task.id !== undefined) checkId(task.id);
    const { id, ...rest } = soundNewTask(task, task.id);
    const start = this.#log.end;
    this.#log.append(`${JSON.stringify(rest)}\n`);
    if (rest.after !== undefined) this.#after.set(this.length, rest.after);
    if (id !== undefined) this.#ids[this.length] = id;
    this.#starts.push(start);
  }

  idOf(index: number): string | undefined {
    return this.#ids[index];
  }

  descriptionOf(index: number): string {
    return this.get(index).description;
  }

  check(): void {
    // Each was, when it came.
  }

  afterOf(index: number): readonly string[] | undefined {
    return this.#after.get(index);
  }

  /** As it was given. */
  get(index: number): NewTask {
    const id = this.#ids[index];
    const { from, texts } = this.#pieceWith(index);
    const task = JSON.parse(texts[index - from]!) as NewTask;
    return id === undefined ? task : { id, ...task };
  }

  /** The JSON of each, without its id. */
  *texts(): Generator<string> {
    for (let index = 0; index < this.length; index++) {
      const { from, texts } = this.#pieceWith(index);
      yield texts[index - from]!;
    }
  }

  close(): void {
    this.#log.close();
  }

  /** Most are asked for one after the other. */
  #pieceWith(index: number): Piece {
    const { from, texts } = this.#piece;
    if (index < from || index >= from + texts.length) this.#piece = this.#read(index);
    return this.#piece;
  }

  #read(from: number): Piece {
    const start = this.#startOf(from);
    let to = from + 1;
    while (to < this.length && this.#startOf(to + 1) - start <= PIECE_BYTES) to++;
    const bytes = Buffer.allocUnsafe(this.#startOf(to) - start);
    this.#log.readInto(bytes, 0, start, bytes.length);
    return { from, texts: bytes.toString().slice(0, -1).split('\n') };
  }

  #startOf(index: number): number {
    return this.#starts.at(index) ?? this.#log.end;
  }
}
