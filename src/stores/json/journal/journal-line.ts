import { crc32 } from 'node:zlib';

/**
 * A line of the journal: the crc32 of what follows it in 8 hex digits, a mark, the record as JSON, a newline. The mark is a space,
 * or `+` when the next line belongs to the same change: the two count together or not at all.
 */
export interface Line {
  json: string;
  more: boolean;
}

export const NEWLINE = 0x0a;
const SPACE = 0x20;
const PLUS = 0x2b;
export const DIGITS = 8;

export function markOf(more: boolean): string {
  return more ? '+' : ' ';
}

/** @param bytes the line without its newline. @returns undefined when it is broken. */
export function decodeLine(bytes: Buffer): Line | undefined {
  const mark = bytes[DIGITS];
  if (mark !== SPACE && mark !== PLUS) return undefined;
  const sum = bytes.toString('latin1', 0, DIGITS);
  if (Number.parseInt(sum, 16) !== crc32(bytes.subarray(DIGITS))) return undefined;
  return { json: bytes.toString('utf8', DIGITS + 1), more: mark === PLUS };
}

/** Where the next newline is, or -1. */
export function endOfLine(bytes: Buffer, from: number): number {
  return bytes.indexOf(NEWLINE, from);
}
