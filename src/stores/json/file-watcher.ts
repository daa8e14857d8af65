import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** For file systems that tell of nothing, in milliseconds. */
const POLL_MS = 200;

/**
 * Tells listeners that the file was changed, by whomever. It watches the folder: each write puts a new file in the
 * old one's place. Neither the watching nor the polling keeps the process alive.
 */
export class FileWatcher {
  readonly #path: string;
  readonly #polled: () => boolean;
  readonly #listeners = new Set<() => void>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = '';

  /** @param polled asked at each poll; true tells the listeners too. */
  constructor(path: string, polled: () => boolean) {
    this.#path = path;
    this.#polled = polled;
  }

  add(listener: () => void): () => void {
    // Wrapped, so that the same function given twice ends twice.
    const own = () => listener();
    if (this.#listeners.size === 0) this.#start();
    this.#listeners.add(own);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#stop();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    this.#last = fingerprint(this.#path);
    this.#timer = setInterval(() => this.#look(this.#polled()), POLL_MS).unref();
    try {
      const name = basename(this.#path);
      this.#watcher = watch(dirname(this.#path), { persistent: false }, (_, changed) => {
        if (changed === null || changed === name) this.#look();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // No watch to be had (too many of them): the poll does.
    }
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #look(tell = false): void {
    const now = fingerprint(this.#path);
    if (now === this.#last && !tell) return;
    this.#last = now;
    for (const listener of this.#listeners) listener();
  }
}

function fingerprint(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return '';
  }
}
