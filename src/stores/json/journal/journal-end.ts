import { readSync } from 'node:fs';
import { decodeLine, endOfLine, type Line, NEWLINE } from './journal-line.ts';
import type { JournalRecord } from './journal-record.ts';

/** How much of the end is looked at, in bytes. */
const TAIL = 256 * 1024;
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

/** The last record, if it begins not too far before the end, and all lines there are whole. @param end where the text ends. */
export function lastRecord(fd: number, end: number): JournalRecord | undefined {
  const tail = Buffer.allocUnsafe(Math.min(end, TAIL));
  const read = readSync(fd, tail, 0, tail.length, end - tail.length);
  if (tail[read - 1] !== NEWLINE) return undefined;
  let line: Line | undefined;
  // The first is whole where all of the journal is in sight.
  for (let at = end > TAIL ? endOfLine(tail, 0) + 1 : 0; at < read; ) {
    const newline = endOfLine(tail, at);
    line = decodeLine(tail.subarray(at, newline));
    if (!line) return undefined;
    at = newline + 1;
  }
  return line && !line.more ? JSON.parse(line.json) : undefined;
}
