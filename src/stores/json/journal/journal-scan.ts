import { BrokenLine, isDamage } from './journal-damage.ts';
import { linesOf } from './journal-lines.ts';
import type { JournalRecord } from './journal-record.ts';

/** How much of the beginning is looked at for the first line at first. */
const HEAD = 4 * 1024;

interface Scanned {
  /** Where the last whole change ends. */
  end: number;
  /** Behind it stands something that does not count, be it behind zeros. */
  hasRest: boolean;
}

/**
 * Reads whole changes: what was never finished, at the end, is passed over.
 * @param from where a change begins. @param isThorough whether zeros, which are room for more, are looked behind for whole lines.
 * @throws BrokenLine
 */
export function scan(
  fd: number,
  from: number,
  isThorough: boolean,
  take: (record: JournalRecord) => void,
): Scanned {
  let begin = from;
  for (const { line, start, end } of linesOf(fd, from, { isThorough })) {
    if (!line) {
      if (isDamage(fd, begin, start)) throw new BrokenLine(start);
      return { end: begin, hasRest: true };
    }
    if (line.more) continue;
    if (begin === start) take(JSON.parse(line.json));
    else takeAll(fd, begin, end, take);
    begin = end;
  }
  return { end: begin, hasRest: false };
}

/** @returns undefined when the first line is not whole. */
export function firstRecord(fd: number): { record: JournalRecord; end: number } | undefined {
  for (const { line, end } of linesOf(fd, 0, { chunk: HEAD }))
    return line && { record: JSON.parse(line.json), end };
  return undefined;
}

/** A change of many lines is read a second time: it may be too large to be kept until its end is seen. */
function takeAll(fd: number, from: number, to: number, take: (record: JournalRecord) => void): void {
  for (const { line, end } of linesOf(fd, from)) {
    if (line) take(JSON.parse(line.json));
    if (end >= to) return;
  }
}
