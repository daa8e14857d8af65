import { readSync } from 'node:fs';
import { decodeLine, endOfLine, type Line, NEWLINE } from './journal-line.ts';
import type { JournalRecord } from './journal-record.ts';

const CHUNK = 1024 * 1024;

/** How much of the beginning is looked at for the first line at first, and how much of the end for the last. */
const HEAD = 4 * 1024;
const TAIL = 64 * 1024;

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
 * @param from where a change begins. @returns where the last whole change ends.
 * @throws BrokenLine
 */
export function scan(fd: number, from: number, take: (record: JournalRecord) => void): number {
  let begin = from;
  for (const { line, start, end } of linesOf(fd, from)) {
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
  for (const { line, end } of linesOf(fd, 0, HEAD)) return line && { record: JSON.parse(line.json), end };
  return undefined;
}

/** The record that ends at this size. @returns undefined when none does, or when it begins too far before. */
export function lastRecord(fd: number, size: number): JournalRecord | undefined {
  const tail = Buffer.allocUnsafe(Math.min(size, TAIL));
  const read = readSync(fd, tail, 0, tail.length, size - tail.length);
  const before = tail.lastIndexOf(NEWLINE, read - 2);
  if (tail[read - 1] !== NEWLINE || (before < 0 && size > TAIL)) return undefined;
  const line = decodeLine(tail.subarray(before + 1, read - 1));
  return line && !line.more ? JSON.parse(line.json) : undefined;
}

/** A change of many lines is read a second time: it may be too large to be kept until its end is seen. */
function takeAll(fd: number, from: number, to: number, take: (record: JournalRecord) => void): void {
  for (const { line, end } of linesOf(fd, from)) {
    if (line) take(JSON.parse(line.json));
    if (end >= to) return;
  }
}

function isWholeLineAfter(fd: number, from: number): boolean {
  for (const { line } of linesOf(fd, from)) if (line) return true;
  return false;
}

/** The lines that end with a newline, each valid until the next is asked for. @param chunk bytes that are read at once. */
export function* linesOf(fd: number, from: number, chunk = CHUNK): Generator<PlacedLine> {
  let buffer = Buffer.allocUnsafe(chunk);
  let filled = 0;
  let offset = from;
  for (;;) {
    const read = readSync(fd, buffer, filled, buffer.length - filled, offset + filled);
    if (read === 0) return;
    filled += read;
    const bytes = buffer.subarray(0, filled);
    let at = 0;
    for (let end = endOfLine(bytes, at); end >= 0; end = endOfLine(bytes, at)) {
      yield { line: decodeLine(bytes.subarray(at, end)), start: offset + at, end: offset + end + 1 };
      at = end + 1;
    }
    bytes.copy(buffer, 0, at);
    filled -= at;
    offset += at;
    if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
  }
}
