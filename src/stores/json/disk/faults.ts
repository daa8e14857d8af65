import { rmSync } from 'node:fs';
import { messageOf, OrchError } from '../../../model/errors.ts';

/** What an error of the file system means, and what to do about it. */
const MEANINGS: Record<string, string> = {
  ENOSPC: 'the disk is full; free some space and try again',
  EDQUOT: 'the disk quota is used up; free some space and try again',
  EACCES: 'permission is missing; change its owner or mode, or name another store',
  EPERM: 'permission is missing; change its owner or mode, or name another store',
  EROFS: 'its file system is read-only; name a store elsewhere',
  EISDIR: 'it is a directory; name a file in it',
  ENOTDIR: 'a part of its path is not a directory; correct the path',
  ENOENT: 'its folder does not exist; create that first',
  ENAMETOOLONG: 'its name is too long; choose a shorter one',
  ELOOP: 'its symbolic links lead in a circle; mend them',
  EIO: 'the disk reports an error; check it, and keep a copy of the file',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine; close some programs',
  ENOLCK: 'its file system has no locks; name a store on a local disk',
  EOPNOTSUPP: 'its file system has no locks; name a store on a local disk',
  ENOTSUP: 'its file system has no locks; name a store on a local disk',
};

const TOO_LARGE = 'it is too large; remove completed tasks (`orch clean`)';

/** Turns what the file system threw into one sentence. What is none of its errors is passed on as it is. */
export function storeFault(doing: 'read' | 'write' | 'lock' | 'use', name: string, thrown: unknown): unknown {
  const code = codeOf(thrown);
  // A string or file beyond what V8 and Node can hold is a RangeError, mostly without a code.
  const tooLarge = thrown instanceof RangeError || code === 'ERR_STRING_TOO_LONG';
  if (thrown instanceof OrchError || (code === undefined && !tooLarge)) return thrown;
  const meaning = tooLarge ? TOO_LARGE : meaningOf(thrown);
  return new OrchError('store-unusable', `Cannot ${doing} ${name}: ${meaning}`, { cause: thrown });
}

/** In words, with what to do about it where that is known. */
export function meaningOf(thrown: unknown): string {
  return MEANINGS[codeOf(thrown) ?? ''] ?? messageOf(thrown);
}

export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
}

/** Removes what a dead process left. Another user's may stay: it does no harm. */
export function removeIfAllowed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error;
  }
}
