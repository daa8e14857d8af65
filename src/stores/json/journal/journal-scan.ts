import { readSync } from 'node:fs';
import { decodeLine, endOfLine, type Line, NEWLINE } from './journal-line.ts';
import type { JournalRecord } from './journal-record.ts';

const CHUNK = 1024 * 1024;

/** How much of the beginning is looked at for the first line at first, and how much of the end for the last. */
const HEAD = 4 * 1024;
const TAIL = 64 * 1024;

const ONE = Buffer.alloc(1);

/** A line that is broken though whole ones follow it: nothing was torn there, something was destroyed. */
export class BrokenLine extends Error {
  /** Byte at which it begins. */
  readonly offset: number;

  constructor(offset: number) {
    super(`the line at byte ${offset} is broken`);
    this.offset = offset;
  }
}

export interface PlacedLine {
  /** Undefined: broken. */
  line: Line | undefined;
  start: number;
  end: number;
}

/**
 * Reads whole changes: what a writer that died left unfinished at the end is passed over.
 * @param from where a change begins. @param isThorough whether zeros, which are room for more, are looked behind for whole lines.
 * @returns where the last whole change ends.
 * @throws BrokenLine
 */
export function scan(
  fd: number,
  from: number,
  isThorough: boolean,
  take: (record: JournalRecord) => void,
): number {
  let begin = from;
  for (const { line, start, end } of linesOf(fd, from, { isThorough })) {
    if (!line) {
      if (isWholeLineAfter(fd, end)) throw new BrokenLine(start);
      break;
    }
    if (line.more) continue;
    if (begin === start) take(JSON.parse(line.json));
    else takeAll(fd, begin, end, take);
    begin = end;
  }
  return begin;
}

/** @returns undefined when the first line is not whole. */
export function firstRecord(fd: number): { record: JournalRecord; end: number } | undefined {
  for (const { line, end } of linesOf(fd, 0, { chunk: HEAD }))
    return line && { record: JSON.parse(line.json), end };
  return undefined;
}

/** The last record, if it begins not too far before the end. @param end where the text ends. */
export function lastRecord(fd: number, end: number): JournalRecord | undefined {
  const tail = Buffer.allocUnsafe(Math.min(end, TAIL));
  const read = readSync(fd, tail, 0, tail.length, end - tail.length);
  const before = tail.lastIndexOf(NEWLINE, read - 2);
  if (tail[read - 1] !== NEWLINE || (before < 0 && end > TAIL)) return undefined;
  const line = decodeLine(tail.subarray(before + 1, read - 1));
  return line && !line.more ? JSON.parse(line.json) : undefined;
}

/** Where the text of a file ends, and the zeros begin that are room for more. @param size bytes of the file. */
export function endOfText(fd: number, size: number): number {
  let [text, zeros] = [0, size];
  if (size > 0 && !isZeroAt(fd, size - 1)) return size;
  while (text < zeros) {
    const middle = Math.floor((text + zeros) / 2);
    if (isZeroAt(fd, middle)) zeros = middle;
    else text = middle + 1;
  }
  return text;
}

/** Beyond the end is as good as zero. */
export function isZeroAt(fd: number, offset: number): boolean {
  return readSync(fd, ONE, 0, 1, offset) === 0 || ONE[0] === 0;
}

/** A change of many lines is read a second time: it may be too large to be kept until its end is seen. */
function takeAll(fd: number, from: number, to: number, take: (record: JournalRecord) => void): void {
  for (const { line, end } of linesOf(fd, from)) {
    if (line) take(JSON.parse(line.json));
    if (end >= to) return;
  }
}

function isWholeLineAfter(fd: number, from: number): boolean {
  for (const { line } of linesOf(fd, from, { isThorough: true })) if (line) return true;
  return false;
}

/**
 * The lines that end with a newline, each valid until the next is asked for. At zeros they end; who is thorough looks behind them: what
 * stands there makes of them a broken line.
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
