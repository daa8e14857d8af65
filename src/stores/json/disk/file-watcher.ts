import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Listeners } from '../../listeners.ts';

/** For file systems that tell of nothing, in milliseconds. */
const POLL_MS = 100;

interface Watched {
  /** Files of one folder. */
  paths: string[];
  /** Asked at each poll; true tells the listeners too. It must not throw: nobody would catch it. */
  polled: () => boolean;
  /** How often this process has written to them. */
  ownWrites: () => number;
}

/**
 * Tells listeners that one of the files was changed, by whomever. It watches their folder: a file may be put in the place of
 * another. While this process writes itself, many times a second perhaps, it polls alone: to be told of each own write would cost more than
 * the write. Neither the watching nor the polling keeps the process alive.
 */
export class FileWatcher {
  readonly #watched: Watched;
  readonly #listeners = new Listeners();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ownWrites = 0;
  #last = '';

  constructor(watched: Watched) {
    this.#watched = watched;
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
    this.#timer = setInterval(() => this.#poll(), POLL_MS).unref();
    this.#watch();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#rest();
  }

  #poll(): void {
    const wrote = this.#hasWritten();
    const tell = this.#watched.polled();
    if (!wrote && !this.#watcher) this.#watch();
    this.#look(tell);
  }

  #watch(): void {
    const { paths } = this.#watched;
    try {
      const names = new Set(paths.map((path) => basename(path)));
      this.#watcher = watch(dirname(paths[0] ?? ''), { persistent: false }, (_, changed) => {
        if (changed !== null && !names.has(changed)) return;
        if (this.#hasWritten()) this.#rest();
        else this.#look();
      });
      this.#watcher.on('error', () => this.#rest());
    } catch {
      // No watch to be had (too many of them): the poll does.
    }
  }

  #rest(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #hasWritten(): boolean {
    const before = this.#ownWrites;
    this.#ownWrites = this.#watched.ownWrites();
    return this.#ownWrites !== before;
  }

  #look(tell = false): void {
    const now = this.#fingerprint();
    if (now === this.#last && !tell) return;
    this.#last = now;
    this.#listeners.tell();
  }

  #fingerprint(): string {
    return this.#watched.paths.map(fingerprint).join();
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
