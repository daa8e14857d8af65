import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf, removeIfAllowed } from './faults.ts';

/** The ending of a temporary file, behind the store's name. */
const TEMPORARY = /^(\.journal)?\.\d+-[a-z0-9]*\.tmp$/;

interface Replacement<T> {
  /** The file whose owner and mode it gets; where there is none, the process's own. */
  like: string;
  /** There must be none yet. Default: false. @throws EEXIST, from `replaceFile` */
  isNew?: boolean;
  write(fd: number): T;
  /** After it is durable under its temporary name. */
  beforeRename?(written: T): void;
  afterRename?(): void;
}

/**
 * Puts a new file in the place of one, or of none: a reader sees the old content or the new one, never a part. It is written beside
 * it, made durable, and renamed. All of it is synchronous: it happens under the store's lock.
 */
export function replaceFile<T>(path: string, replacement: Replacement<T>): T {
  const { like, isNew = false, write, beforeRename, afterRename } = replacement;
  const temporary = temporaryName(path);
  let written: T;
  try {
    written = writeBeside(temporary, statsOf(like), write);
    beforeRename?.(written);
    if (isNew) putNew(temporary, path);
    else renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  afterRename?.();
  syncFolder(dirname(path));
  return written;
}

export function temporaryName(path: string): string {
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`;
}

/** Removes what writers that died left beside the store. To be called under the store's lock. */
export function sweepTemporaries(store: string): void {
  const folder = dirname(store);
  const own = basename(store);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(own) && TEMPORARY.test(name.slice(own.length))) removeIfAllowed(join(folder, name));
  }
}

/** To rename it would replace what somebody has put there this moment. */
function putNew(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    // Some file systems have no links.
    if (codeOf(error) === 'EEXIST' || existsSync(path)) throw error;
    renameSync(temporary, path);
    return;
  }
  rmSync(temporary);
}

function writeBeside<T>(temporary: string, like: Stats | undefined, write: (fd: number) => T): T {
  const fd = openSync(temporary, 'wx', like && like.mode & 0o7777);
  try {
    if (like) keepOwnerAndMode(fd, like);
    const written = write(fd);
    fsyncSync(fd);
    return written;
  } finally {
    closeSync(fd);
  }
}

/** A file that must not be written is not replaced either. */
function statsOf(path: string): Stats | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats) accessSync(path, constants.W_OK);
  return stats;
}

/** The new name is durable only when its folder is. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    // Some file systems cannot do this to a folder, and have no need of it.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    closeSync(fd);
  }
}

/** Root gives the file back to whom it belongs; others may not, and need not. */
export function keepOwnerAndMode(fd: number, { uid, gid, mode }: Stats): void {
  try {
    fchownSync(fd, uid, gid);
  } catch (error) {
    // EINVAL: the owner does not exist in this container.
    if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'EINVAL') throw error;
  }
  // The umask has no say in a mode that a person chose.
  fchmodSync(fd, mode & 0o7777);
}

/** At the place where the file was written last. */
export function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
