import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Listeners } from '../listeners.ts';

/** For file systems that tell of nothing, in milliseconds. */
const POLL_MS = 100;

/**
 * Tells listeners that one of the files was changed, by whomever. It watches their folder: a file may be put in the place of
 * another. Neither the watching nor the polling keeps the process alive.
 */
export class FileWatcher {
  readonly #paths: string[];
  readonly #polled: () => boolean;
  readonly #listeners = new Listeners();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = '';

  /** @param paths files of one folder. @param polled asked at each poll; true tells the listeners too. It must not throw: nobody would catch it. */
  constructor(paths: string[], polled: () => boolean) {
    this.#paths = paths;
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
    this.#last = this.#fingerprint();
    this.#timer = setInterval(() => this.#look(this.#polled()), POLL_MS).unref();
    try {
      const names = new Set(this.#paths.map((path) => basename(path)));
      this.#watcher = watch(dirname(this.#paths[0] ?? ''), { persistent: false }, (_, changed) => {
        if (changed === null || names.has(changed)) this.#look();
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
    const now = this.#fingerprint();
    if (now === this.#last && !tell) return;
    this.#last = now;
    this.#listeners.tell();
  }

  #fingerprint(): string {
    return this.#paths.map(fingerprint).join();
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
