import { readSync } from 'node:fs';
import { decodeLine, endOfLine, type Line } from './journal-line.ts';

const CHUNK = 1024 * 1024;

interface PlacedLine {
  /** Undefined: broken. */
  line: Line | undefined;
  start: number;
  end: number;
}

const FEW = Buffer.alloc(2);

/** @param length 2 at most. @returns those that are there, valid until the next are asked for. */
export function bytesAt(fd: number, offset: number, length: number): Buffer {
  return FEW.subarray(0, readSync(fd, FEW, 0, length, offset));
}

/** Beyond the end is as good as zero. */
export function isZeroAt(fd: number, offset: number): boolean {
  return !bytesAt(fd, offset, 1)[0];
}

/**
 * The lines that end with a newline, each valid until the next is asked for. They end at the first zero. Thoroughly, it goes on: zeros that
 * something follows are given as one broken line.
 */
export function* linesOf(
  fd: number,
  from: number,
  { isThorough = false, chunk = CHUNK }: { isThorough?: boolean; chunk?: number } = {},
): Generator<PlacedLine> {
  let buffer = Buffer.allocUnsafe(chunk);
  let filled = 0;
  let offset = from;
  /** Where zeros began that have not ended yet. */
  let hole: number | undefined;
  for (;;) {
    const read = readSync(fd, buffer, filled, buffer.length - filled, offset + filled);
    if (read === 0) return;
    filled += read;
    const bytes = buffer.subarray(0, filled);
    let at = 0;
    while (at < filled) {
      if (bytes[at] === 0) {
        if (!isThorough) return;
        hole ??= offset + at;
        at++;
        continue;
      }
      if (hole !== undefined) yield { line: undefined, start: hole, end: offset + at };
      hole = undefined;
      const end = endOfLine(bytes, at);
      if (end < 0) break;
      yield { line: decodeLine(bytes.subarray(at, end)), start: offset + at, end: offset + end + 1 };
      at = end + 1;
    }
    bytes.copy(buffer, 0, at);
    filled -= at;
    offset += at;
    if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
  }
}
