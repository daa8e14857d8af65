import { writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { crcText } from '../disk/file-stamp.ts';
import type { Segment } from './shelf-entry.ts';

const CHUNK_BYTES = 1 << 20;
/** A UTF-16 unit becomes so many bytes at most. */
const MAX_UNIT_BYTES = 3;

/** Writes a file from its beginning, a chunk at a time. */
export class SnapshotOutput {
  readonly #fd: number;
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #atHalf: (() => void) | undefined;
  /** Bytes in the chunk. */
  #filled = 0;
  #written = 0;
  #crc = 0;

  /** @param atHalf called once, when a part has been written and another has not. */
  constructor(fd: number, atHalf?: () => void) {
    this.#fd = fd;
    this.#atHalf = atHalf;
  }

  /** Bytes given so far: where the next ones will stand. */
  get length(): number {
    return this.#written + this.#filled;
  }

  text(text: string): void {
    if (text.length * MAX_UNIT_BYTES <= CHUNK_BYTES) {
      if (this.#filled + text.length * MAX_UNIT_BYTES > CHUNK_BYTES) this.#flush();
      this.#filled += this.#chunk.write(text, this.#filled);
      return;
    }
    const bytes = Buffer.from(text, 'utf8');
    this.#fill(bytes.length, (at, from, length) => bytes.copy(this.#chunk, at, from, from + length));
  }

  copy(segment: Segment, offset: number, length: number): void {
    this.#fill(length, (at, from, piece) => segment.readInto(this.#chunk, at, offset + from, piece));
  }

  /** Writes what is left. @returns the checksum of all bytes, as stamps carry it. */
  finish(): string {
    const half = this.#atHalf ? this.#filled >> 1 : 0;
    this.#write(this.#chunk.subarray(0, half));
    this.#write(this.#chunk.subarray(half, this.#filled));
    return crcText(this.#crc);
  }

  #fill(length: number, put: (at: number, from: number, length: number) => void): void {
    for (let done = 0; done < length; ) {
      if (this.#filled === CHUNK_BYTES) this.#flush();
      const piece = Math.min(length - done, CHUNK_BYTES - this.#filled);
      put(this.#filled, done, piece);
      this.#filled += piece;
      done += piece;
    }
  }

  #flush(): void {
    this.#write(this.#chunk.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    this.#crc = crc32(bytes, this.#crc);
    this.#written += bytes.length;
    if (bytes.length === 0) return;
    this.#atHalf?.();
    this.#atHalf = undefined;
  }
}
