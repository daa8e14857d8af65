import type { Task } from '../../../model/task.ts';
import type { Shelf } from '../../entry.ts';
import { ShelvedEntry } from './shelf-entry.ts';
import { ShelfLog } from './shelf-log.ts';
import { SEPARATOR, taskAndSeparator } from './snapshot-layout.ts';

/**
 * Keeps ended tasks as bytes: in memory at first, beyond 8 MiB in a private file beside the store. When the store's
 * file is written, they move there.
 */
export class TaskShelf implements Shelf {
  readonly #path: string;
  readonly #name: string;
  #log: ShelfLog;

  /** @param path the store's file, symbolic links followed. @param name how messages call the store. */
  constructor(path: string, name: string) {
    this.#path = path;
    this.#name = name;
    this.#log = new ShelfLog(path, name);
  }

  /** @returns undefined when it has no room: the disk is full, or cannot be written. The task stays in memory. */
  put(task: Task): ShelvedEntry | undefined {
    const log = this.#log;
    const offset = log.end;
    if (!log.append(taskAndSeparator(task))) return undefined;
    return new ShelvedEntry(task, log, offset, log.end - offset - SEPARATOR.length);
  }

  /** Begins anew. What it held before stays readable for as long as somebody has it. */
  renew(): void {
    this.#log.retire();
    this.#log = new ShelfLog(this.#path, this.#name);
  }

  /** Nothing more is put here, nor can what was put here last be read. */
  close(): void {
    this.#log.close();
  }
}
