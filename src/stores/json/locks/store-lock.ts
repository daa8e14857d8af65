import { closeSync, fstatSync, openSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { tryLock, unlock } from 'fs-native-extensions';
import { OrchError } from '../../../model/errors.ts';
import { storeFault } from '../disk/faults.ts';
import type { Sleep } from '../disk/patience.ts';

/**
 * Between two tries, in milliseconds: the first comes soon, because whoever holds it mostly does so for less than one; then longer and
 * longer, somewhere up to twice the last, so that those who wait do not try in step.
 */
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;

/** Whoever holds it so long, in milliseconds, does not move any more: a write takes a fraction of a second. */
const LONGEST_WAIT_MS = 30_000;

export interface StoreLockOptions {
  /** For tests. Default: a timer. */
  sleep?: Sleep | undefined;
  /** For tests. Default: the kernel's. */
  tryLock?: (fd: number) => boolean;
  unlock?: (fd: number) => void;
}

/**
 * The lock that whoever changes the store holds. The kernel keeps it, and lets go of it at once when its holder dies.
 * It belongs to the open file, not to the process: two stores in one process exclude each other too. Its file is
 * never renamed or deleted by orch.
 */
export class StoreLock {
  readonly #path: string;
  readonly #name: string;
  readonly #sleep: Sleep;
  readonly #tryLock: (fd: number) => boolean;
  readonly #unlock: (fd: number) => void;
  #fd: number | undefined;
  #waitedMs = 0;

  /** @param name how messages call the store. */
  constructor(path: string, name: string, options: StoreLockOptions = {}) {
    this.#path = path;
    this.#name = name;
    this.#sleep = options.sleep ?? setTimeout;
    this.#tryLock = options.tryLock ?? tryLock;
    this.#unlock = options.unlock ?? unlock;
  }

  /** How long the last `acquire` had to wait, in milliseconds. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /**
   * Waits while another process, or another store object of this one, holds it. The wait is made of short sleeps: a
   * wait in the kernel would take a thread of Node's pool, of which there are four, and could not be ended.
   * @throws `store-unusable`: it was held for 30 s.
   */
  async acquire(waitMs = LONGEST_WAIT_MS): Promise<void> {
    this.#waitedMs = 0;
    for (let longest = FIRST_PAUSE_MS; !this.#take(); longest = Math.min(longest * 2, LONGEST_PAUSE_MS)) {
      if (this.#waitedMs >= waitMs) throw this.#stuck();
      const pause = longest * (0.5 + Math.random() / 2);
      await this.#sleep(pause);
      this.#waitedMs += pause;
    }
  }

  /** Never throws: what was done under the lock is done. */
  release(): void {
    if (this.#fd === undefined) return;
    try {
      this.#unlock(this.#fd);
    } catch {
      // Whoever closes the file lets go of its lock, too.
      this.close();
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #take(): boolean {
    try {
      for (;;) {
        this.#fd ??= openSync(this.#path, 'a');
        if (!this.#tryLock(this.#fd)) return false;
        // Somebody may have deleted the file: then others lock a new one.
        if (fstatSync(this.#fd).nlink > 0) return true;
        this.close();
      }
    } catch (error) {
      throw storeFault('lock', this.#name, error);
    }
  }

  #stuck(): OrchError {
    const seconds = LONGEST_WAIT_MS / 1000;
    const message = `Cannot lock ${this.#name}: another process of orch has kept it locked for ${seconds} s and does not move; see what it does, or end it`;
    return new OrchError('store-unusable', message);
  }
}
