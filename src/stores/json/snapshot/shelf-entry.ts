import { OrchError } from '../../../model/errors.ts';
import type { Task, TaskStatus } from '../../../model/task.ts';
import type { ShelvedTask } from '../../entry.ts';
import { storeFault } from '../disk/faults.ts';

/** Bytes that shelved tasks are read from. It closes when it was retired and the last of them has left. */
export abstract class Segment {
  /** How messages call the store. */
  readonly name: string;
  #entries = 0;
  #retired = false;

  constructor(name: string) {
    this.name = name;
  }

  /** Copies bytes of it to `target` from `at` on. @throws what the file system throws; `store-unusable`. */
  abstract readInto(target: Buffer, at: number, offset: number, length: number): void;

  /** Gives back what it holds. Nothing can be read from it any more. */
  abstract close(): void;

  enter(): void {
    this.#entries++;
  }

  leave(): void {
    this.#entries--;
    this.#closeIfDone();
  }

  /** Nothing comes to it any more. */
  retire(): void {
    this.#retired = true;
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#retired && this.#entries === 0) this.close();
  }
}

/** What is known of a shelved task without reading it. */
export type Outline = Pick<Task, 'id' | 'status'> & Pick<Partial<ShelvedTask>, 'after'>;

/** An ended task as the place of its bytes, which are laid out as in the store's file. */
export class ShelvedEntry implements ShelvedTask {
  readonly id: string;
  readonly status: TaskStatus;
  readonly after: readonly string[] | undefined;
  #segment: Segment;
  #offset: number;
  readonly #length: number;

  /** @param offset bytes from the segment's beginning. @param length bytes. */
  constructor({ id, status, after }: Outline, segment: Segment, offset: number, length: number) {
    this.id = id;
    this.status = status;
    this.after = after;
    this.#segment = segment;
    this.#offset = offset;
    this.#length = length;
    segment.enter();
  }

  get segment(): Segment {
    return this.#segment;
  }

  /** Bytes from the segment's beginning. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes. */
  get length(): number {
    return this.#length;
  }

  read(): Task {
    const { name } = this.#segment;
    const bytes = Buffer.allocUnsafe(this.#length);
    try {
      this.#segment.readInto(bytes, 0, this.#offset, this.#length);
      return JSON.parse(bytes.toString('utf8'));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw storeFault('read', name, error);
      const message = `Task ${this.id} cannot be read back from ${name}; restore an earlier copy of that file`;
      throw new OrchError('store-unusable', message, { cause: error });
    }
  }

  /** The same bytes are there now. */
  moveTo(segment: Segment, offset: number): void {
    segment.enter();
    this.#segment.leave();
    this.#segment = segment;
    this.#offset = offset;
  }
}
