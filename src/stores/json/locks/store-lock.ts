import { closeSync, existsSync, fstatSync, openSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { tryLock, unlock } from 'fs-native-extensions';
import { OrchError } from '../../../model/errors.ts';
import { lockVanished } from '../disk/conflicts.ts';
import { storeFault } from '../disk/faults.ts';
import type { Sleep } from '../disk/patience.ts';
import { keepOwnerAndMode } from '../disk/replace-file.ts';

/**
 * A pause between two tries is drawn between half of a bound and all of it, and the bound doubles from the first of these to the second, in
 * milliseconds: whoever holds the lock mostly does so for less than one, and those who wait must not try in step.
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
  readonly #store: string;
  readonly #name: string;
  readonly #sleep: Sleep;
  readonly #tryLock: (fd: number) => boolean;
  readonly #unlock: (fd: number) => void;
  #fd: number | undefined;
  #waitedMs = 0;

  /** @param store the path of the store's file. @param name how messages call it. */
  constructor(store: string, name: string, options: StoreLockOptions = {}) {
    this.#store = store;
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
    for (let bound = FIRST_PAUSE_MS; !this.#take(); bound = Math.min(bound * 2, LONGEST_PAUSE_MS)) {
      if (this.#waitedMs >= waitMs) throw this.#stuck();
      const pause = bound * (0.5 + Math.random() / 2);
      await this.#sleep(pause);
      this.#waitedMs += pause;
    }
  }

  /** Before something is written under it. @throws `store-unusable`: somebody deleted its file, so that others may hold another one. */
  require(): void {
    if (this.#fd === undefined || fstatSync(this.#fd).nlink === 0) throw lockVanished(this.#name);
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
        this.#fd ??= this.#open();
        if (!this.#tryLock(this.#fd)) return false;
        // Somebody may have deleted the file: then others lock a new one.
        if (fstatSync(this.#fd).nlink > 0) return true;
        this.close();
      }
    } catch (error) {
      // What is in the way may be the lock's own mode: somebody else made it.
      const name = existsSync(`${this.#store}.lock`) ? `${this.#name}.lock` : this.#name;
      throw storeFault('lock', name, error);
    }
  }

  /** Root, who makes it for somebody else's store, must not shut its owner out. */
  #open(): number {
    const path = `${this.#store}.lock`;
    const isNew = process.getuid?.() === 0 && !existsSync(path);
    const fd = openSync(path, 'a');
    const store = isNew ? statSync(this.#store, { throwIfNoEntry: false }) : undefined;
    if (store) keepOwnerAndMode(fd, store);
    return fd;
  }

  #stuck(): OrchError {
    const seconds = LONGEST_WAIT_MS / 1000;
    const message = `Cannot lock ${this.#name}: another process of orch has kept it locked for ${seconds} s and does not move; see what it does, or end it`;
    return new OrchError('store-unusable', message);
  }
}
