import { readSync } from 'node:fs';
import { linesOf } from './journal-lines.ts';
import type { JournalRecord } from './journal-record.ts';

/** A line that is broken though whole ones follow it: nothing was torn there, something was destroyed. */
export class BrokenLine extends Error {
  /** Byte at which it begins. */
  readonly offset: number;

  constructor(offset: number) {
    super(`the line at byte ${offset} is broken`);
    this.offset = offset;
  }
}

/**
 * Tells what was destroyed from what was never finished. Without whole lines behind it, a writer died there. With some, a power cut may
 * have kept the later of the pages that were being synced and lost an earlier one: then zeros stand in its place, and nobody who wrote
 * behind it knew it to be on the disk. Whatever else stands before whole lines is damage.
 * @param begin where the change begins that the broken line belongs to. @param start where that line begins.
 */
export function isDamage(fd: number, begin: number, start: number): boolean {
  let firstWhole: number | undefined;
  for (const each of linesOf(fd, start, { isThorough: true })) {
    if (!each.line) continue;
    firstWhole ??= each.start;
    const { synced = 0 }: JournalRecord = JSON.parse(each.line.json);
    if (synced > begin) return true;
  }
  return firstWhole !== undefined && !hasZero(fd, start, firstWhole);
}

function hasZero(fd: number, from: number, to: number): boolean {
  const bytes = Buffer.allocUnsafe(to - from);
  return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from)).includes(0);
}
