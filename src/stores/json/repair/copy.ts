import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { replaceFile, writeAll } from '../disk/replace-file.ts';

const CHUNK_BYTES = 1 << 20;

/** @returns `to`, which is durable. @throws what the file system throws. */
export function copyFile(from: string, to: string): string {
  replaceFile(to, { like: from, write: (fd) => copyBytes(from, fd) });
  return to;
}

/** Appends the file's first bytes, all of them by default, to one that is open. */
export function copyBytes(from: string, fd: number, length = Number.POSITIVE_INFINITY): void {
  const source = openSync(from, 'r');
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, fstatSync(source).size + 1));
    for (let left = length; left > 0; ) {
      const read = readSync(source, chunk, 0, Math.min(chunk.length, left), null);
      if (read === 0) return;
      writeAll(fd, chunk.subarray(0, read));
      left -= read;
    }
  } finally {
    closeSync(source);
  }
}
