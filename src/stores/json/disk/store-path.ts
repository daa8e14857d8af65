import { readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OrchError } from '../../../model/errors.ts';
import { codeOf, storeFault } from './faults.ts';

/** The file that a path names, symbolic links followed, and whether it is there. */
export interface StorePath {
  path: string;
  exists: boolean;
}

/** @throws `store-unusable`: it is no file, or cannot be reached. */
export function findStore(given: string): StorePath {
  try {
    const path = followed(resolve(given));
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats && !stats.isFile()) {
      const what = stats.isDirectory() ? 'a directory' : 'not a regular file';
      throw new OrchError('store-unusable', `${given} is ${what}; name a JSON file`);
    }
    return { path, exists: stats !== undefined };
  } catch (error) {
    throw storeFault('read', given, error);
  }
}

/** As `realpath`, but a file that is not there yet is no error: a link to it is followed, so that it is made there. */
export function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  try {
    return followed(resolve(dirname(path), readlinkSync(path)));
  } catch (error) {
    // No link, or nothing at all.
    if (codeOf(error) === 'EINVAL' || codeOf(error) === 'ENOENT') return path;
    throw error;
  }
}
