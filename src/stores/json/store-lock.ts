import { closeSync, fstatSync, openSync } from 'node:fs';
import { tryLock, unlock, waitForLock } from 'fs-native-extensions';
import { storeFault } from './faults.ts';

/**
 * The lock that whoever changes the store holds. The kernel keeps it, and lets go of it at once when its holder dies.
 * It belongs to the open file, not to the process: two stores in one process exclude each other too. Its file is
 * never renamed or deleted by orch.
 */
export class StoreLock {
  readonly #path: string;
  readonly #name: string;
  #fd: number | undefined;

  /** @param name how messages call the store. */
  constructor(path: string, name: string) {
    this.#path = path;
    this.#name = name;
  }

  /**
   * Waits as long as another process, or another store object of this one, holds it.
   * The wait takes a thread of Node's pool: so nothing that is done under the lock may need one.
   */
  async acquire(): Promise<void> {
    try {
      for (;;) {
        this.#fd ??= openSync(this.#path, 'a');
        if (!tryLock(this.#fd)) await waitForLock(this.#fd);
        // Somebody may have deleted the file: then others lock a new one.
        if (fstatSync(this.#fd).nlink > 0) return;
        this.close();
      }
    } catch (error) {
      throw storeFault('lock', this.#name, error);
    }
  }

  release(): void {
    if (this.#fd !== undefined) unlock(this.#fd);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
