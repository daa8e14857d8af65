import { OrchError } from '../../../model/errors.ts';
import { NumberList } from '../../../model/number-list.ts';
import type { NewTask } from '../../../model/task.ts';
import { soundNewTask } from '../../check-task.ts';
import { checkId } from '../../task-ids.ts';
import type { Wanted } from '../../wanted.ts';
import { storeFault } from '../disk/faults.ts';
import { ShelfLog } from '../snapshot/shelf-log.ts';

/** Bytes that are read back together. */
const PIECE_BYTES = 256 * 1024;

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
  readonly #name: string;
  readonly #log: ShelfLog;
  /** Where each begins in the log. */
  readonly #starts = new NumberList();
  /** Of those that have one of their own. */
  readonly #ids: string[] = [];
  #piece: Piece = { from: 0, texts: [] };
  readonly #after = new Map<number, readonly string[]>();

  /** @param path the store's file. @param name how messages call the store. */
  constructor(path: string, name: string) {
    this.#name = name;
    this.#log = new ShelfLog(path, name);
  }

  get length(): number {
    return this.#starts.length;
  }

  /** Whether none has to do with others that may be there. */
  get isUnrelated(): boolean {
    return this.#ids.length === 0 && this.#after.size === 0;
  }

  /** @throws `usage`: it could not be read again. `store-unusable`: there is no room for it. */
  push(task: NewTask): void {
    if (task.id !== undefined) checkId(task.id);
    const { id, ...rest } = soundNewTask(task, task.id);
    const start = this.#log.end;
    if (!this.#log.append(`${JSON.stringify(rest)}\n`)) throw this.#full();
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

  #full(): unknown {
    const { failure } = this.#log;
    if (failure !== undefined) return storeFault('use', this.#name, failure);
    return new OrchError('store-unusable', `${this.#name} has been closed; open it again`);
  }
}
