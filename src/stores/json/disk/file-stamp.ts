import { fstatSync, readSync, type Stats, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { withFile } from './with-file.ts';

/** What the file system says of a file: cheap to ask for. */
export interface StatStamp {
  /** Bytes. */
  size: number;
  /** Milliseconds since the epoch, with the fractions that the file system keeps. */
  mtimeMs: number;
  ino: number;
}

/** Tells a file from any other, and from what it was before a change. */
export interface FileStamp extends StatStamp {
  /** CRC-32 of all bytes, as 8 hex digits. */
  crc: string;
}

const CHUNK_BYTES = 1 << 20;

/** @returns undefined when there is no file. @throws what the file system throws. */
export function statStamp(path: string): StatStamp | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && stampOf(stats);
}

/** Bytes; 0: there is no file. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export function stampOf({ size, mtimeMs, ino }: Stats): StatStamp {
  return { size, mtimeMs, ino };
}

/**
 * Whether a file is, as far as can be told without reading it, the same as before, and unchanged. Undefined: there is none; so there was
 * none, and is none.
 */
export function sameFile(before: StatStamp | undefined, now: StatStamp | undefined): boolean {
  if (!before || !now) return before === now;
  return before.size === now.size && before.mtimeMs === now.mtimeMs && before.ino === now.ino;
}

/** Reads the whole file, in chunks. @returns undefined when there is no file. @throws what the file system throws. */
export function crcOfFile(path: string): string | undefined {
  return withFile(path, crcOfDescriptor);
}

export function crcOfDescriptor(fd: number): string {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, fstatSync(fd).size + 1));
  let crc = 0;
  let position = 0;
  for (let read = readSync(fd, chunk, 0, chunk.length, 0); read > 0; ) {
    crc = crc32(chunk.subarray(0, read), crc);
    position += read;
    read = readSync(fd, chunk, 0, chunk.length, position);
  }
  return crcText(crc);
}

/** A CRC-32 as stamps carry it. */
export function crcText(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
