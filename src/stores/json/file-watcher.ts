import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Listeners } from '../listeners.ts';

/** For file systems that tell of nothing, in milliseconds. */
const POLL_MS = 200;

/**
 * Tells listeners that the file was changed, by whomever. It watches the folder: each write puts a new file in the
 * old one's place. Neither the watching nor the polling keeps the process alive.
 */
export class FileWatcher {
  readonly #path: string;
  readonly #polled: () => boolean;
  readonly #listeners = new Listeners();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = '';

  /** @param polled asked at each poll; true tells the listeners too. It must not throw: nobody would catch it. */
  constructor(path: string, polled: () => boolean) {
    this.#path = path;
    this.#polled = polled;
  }

  add(listener: () => void): () => void {
    if (this.#listeners.size === 0) this.#start();
    const end = this.#listeners.add(listener);
    return () => {
      end();
      if (this.#listeners.size === 0) this.#stop();
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
    this.#listeners.tell();
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
