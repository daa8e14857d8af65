import { messageOf } from '../model/errors.ts';

/** What an error of the system means, of a file or folder that is to be written. */
const MEANINGS: Record<string, string> = {
  EACCES: 'permission is missing',
  EPERM: 'permission is missing',
  EROFS: 'its file system is read-only',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of its path is a file',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  ENOENT: 'its folder is not there',
  EISDIR: 'there is a folder of that name',
  ENAMETOOLONG: 'its name is too long',
};

/** Why something cannot be written, without the words of the system where it is known. */
export function meaningOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return MEANINGS[code] ?? messageOf(error);
}
