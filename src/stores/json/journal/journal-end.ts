import { readSync } from 'node:fs';
import { decodeLine, NEWLINE } from './journal-line.ts';
import type { JournalRecord } from './journal-record.ts';

/** How much of the end is looked at, in bytes. */
const TAIL = 1024 * 1024;
const CHUNK = 64 * 1024;

const zeros = Buffer.alloc(CHUNK);

/** Where the text of a file ends, and the zeros begin that are room for more. @param size bytes of the file. */
export function endOfText(fd: number, size: number): number {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size));
  for (let end = size; end > 0; ) {
    const begin = Math.max(0, end - CHUNK);
    let at = readSync(fd, chunk, 0, end - begin, begin);
    if (zeros.compare(chunk, 0, at, 0, at) !== 0) {
      while (chunk[at - 1] === 0) at--;
      return begin + at;
    }
    end = begin;
  }
  return 0;
}

/**
 * The last record, if it begins not too far before the end, and nothing is missing there: zeros, where a page was never written.
 * @param end where the text ends.
 */
export function lastRecord(fd: number, end: number): JournalRecord | undefined {
  const tail = Buffer.allocUnsafe(Math.min(end, TAIL));
  const read = readSync(fd, tail, 0, tail.length, end - tail.length);
  const before = tail.lastIndexOf(NEWLINE, read - 2);
  if (tail[read - 1] !== NEWLINE || (before < 0 && end > TAIL) || tail.subarray(0, read).includes(0))
    return undefined;
  const line = decodeLine(tail.subarray(before + 1, read - 1));
  return line && !line.more ? JSON.parse(line.json) : undefined;
}
