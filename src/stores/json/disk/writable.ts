import { accessSync, constants, statSync } from 'node:fs';
import { linked } from './conflicts.ts';
import { codeOf } from './faults.ts';
import { sweepTemporaries } from './replace-file.ts';

/**
 * A file that a person made read-only is not written to, beside it either. One that has a second name has a journal beside that as well, and
 * those who use the one know nothing of the other. To be called under the store's lock.
 * @param name how messages call it. @throws what the file system throws; `store-unusable`
 */
export function requireWritable(path: string, name: string): void {
  try {
    accessSync(path, constants.W_OK);
    // The second name may be the one under which it was written by somebody who died then.
    if (isLinked(path)) sweepTemporaries(path);
    if (isLinked(path)) throw linked(name);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function isLinked(path: string): boolean {
  return statSync(path).nlink > 1;
}
