import { closeSync, openSync } from 'node:fs';
import { codeOf } from './faults.ts';

/** Opens a file for reading while it is worked on. @returns undefined when there is none. @throws what the file system throws. */
export function withFile<T>(path: string, work: (fd: number) => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
