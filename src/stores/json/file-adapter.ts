import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SyncAdapter } from 'lowdb';
import { isoTime } from '../../model/clock.ts';
import { codeOf, removeIfAllowed, storeFault } from './faults.ts';
import { type Document, parse, serialise } from './format.ts';

/** What follows the store's name. */
const TEMPORARY = /^\.\d+-[a-z0-9]*\.tmp$/;

/** The moments within a write, in their order. */
export type FaultPoint = 'before-write' | 'before-sync' | 'before-rename' | 'after-rename';

/** Called at each moment within a write, so that a test can die or fail there. */
export type FaultHook = (point: FaultPoint) => void;

/**
 * Reads and writes the file whole. A reader sees the old content or the new one, never a part: the new one is
 * written beside it, made durable, and put in its place. All of it is synchronous: it happens under the store's lock.
 */
export class FileAdapter implements SyncAdapter<Document> {
  readonly #path: string;
  readonly #name: string;
  readonly #at: FaultHook;

  /** @param name how messages call the store. */
  constructor(path: string, name: string, faultHook: FaultHook = () => {}) {
    this.#path = path;
    this.#name = name;
    this.#at = faultHook;
  }

  /**
   * @returns null when there is no file.
   * @throws `store-unusable`; FormatError when the content cannot be understood.
   */
  read(): Document | null {
    try {
      const fd = openSync(this.#path, 'r');
      try {
        return parse(readFileSync(fd), isoTime(fstatSync(fd).mtimeMs));
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw storeFault('read', this.#name, error);
    }
  }

  /** @throws `store-unusable`: the file is as it was. */
  write(document: Document): void {
    const temporary = `${this.#path}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`;
    try {
      this.#at('before-write');
      this.#writeBeside(temporary, serialise(document));
      this.#at('before-rename');
      renameSync(temporary, this.#path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw storeFault('write', this.#name, error);
    }
    this.#at('after-rename');
    this.#syncFolder();
  }

  /** Removes what writers that died left beside the file. To be called under the store's lock. */
  sweep(): void {
    const folder = dirname(this.#path);
    const own = basename(this.#path);
    for (const name of readdirSync(folder)) {
      if (name.startsWith(own) && TEMPORARY.test(name.slice(own.length))) removeIfAllowed(join(folder, name));
    }
  }

  #writeBeside(temporary: string, text: string): void {
    const there = this.#statsOfFile();
    const fd = openSync(temporary, 'wx', there && there.mode & 0o7777);
    try {
      if (there) keepOwnerAndMode(fd, there);
      writeFileSync(fd, text);
      this.#at('before-sync');
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** A file that must not be written is not replaced either. */
  #statsOfFile(): Stats | undefined {
    const stats = statSync(this.#path, { throwIfNoEntry: false });
    if (stats) accessSync(this.#path, constants.W_OK);
    return stats;
  }

  /** The new name is durable only when its folder is. */
  #syncFolder(): void {
    try {
      const fd = openSync(dirname(this.#path), 'r');
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      // Some file systems cannot do this to a folder, and have no need of it.
      if (codeOf(error) !== 'EINVAL') throw storeFault('write', this.#name, error);
    }
  }
}

/** Root gives the file back to whom it belongs; others may not, and need not. */
function keepOwnerAndMode(fd: number, { uid, gid, mode }: Stats): void {
  try {
    fchownSync(fd, uid, gid);
  } catch (error) {
    // EINVAL: the owner does not exist in this container.
    if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'EINVAL') throw error;
  }
  // The umask has no say in a mode that a person chose.
  fchmodSync(fd, mode & 0o7777);
}
