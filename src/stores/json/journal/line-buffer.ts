import { crc32 } from 'node:zlib';
import { DIGITS, markOf, NEWLINE } from './journal-line.ts';

/** Stands where the sum of a line comes. */
const NO_SUM = '0'.repeat(DIGITS);

/** UTF-16 units of text that are turned into bytes together: line by line it would take twice the time. */
const PIECE = 64 * 1024;

/** A UTF-16 unit becomes so many bytes at most. */
const MAX_UNIT_BYTES = 3;

/** The largest buffer that is kept for what comes next. */
const KEPT_BYTES = 4 * 1024 * 1024;

const FIRST_BYTES = 16 * 1024;

/** A larger buffer is so many times as large: the system gives memory only to what is written, so that what is copied is what costs. */
const GROWTH = 4;

/** The two digits of each byte, as character codes. */
const DIGITS_OF = Array.from({ length: 256 }, (_, byte) => Buffer.from(byte.toString(16).padStart(2, '0')));

/** Lines of the journal, as bytes, in a buffer that is used again and again: fresh ones would be left to the garbage collector. */
export class LineBuffer {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;
  /** Lines without their sums, which are not in the buffer yet. */
  #text = '';

  /** Valid until something is added, or it is cleared. @throws RangeError: no buffer is so long. */
  get bytes(): Buffer {
    this.#write();
    return this.#buffer.subarray(0, this.#end);
  }

  clear(): void {
    this.#text = '';
    this.#end = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** @param json without line breaks. @param more the next line belongs to the same change. @throws RangeError, likewise. */
  add(json: string, more: boolean): void {
    this.#text += `${NO_SUM}${markOf(more)}${json}\n`;
    if (this.#text.length >= PIECE) this.#write();
  }

  #write(): void {
    const text = this.#text;
    // Most texts are hardly longer as bytes; of a long one it is worth counting.
    this.#makeRoom(text.length > PIECE ? Buffer.byteLength(text) : text.length * MAX_UNIT_BYTES);
    const buffer = this.#buffer;
    const end = this.#end + buffer.write(text, this.#end);
    for (let start = this.#end; start < end; ) {
      const lineEnd = buffer.indexOf(NEWLINE, start);
      writeSum(buffer, start, crc32(buffer.subarray(start + DIGITS, lineEnd)));
      start = lineEnd + 1;
    }
    this.#end = end;
    this.#text = '';
  }

  #makeRoom(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, GROWTH * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#end);
    // Its memory is given back now: the garbage collector may take its time.
    this.#buffer.buffer.transfer(0);
    this.#buffer = larger;
  }
}

/** In 8 hex digits. */
function writeSum(buffer: Buffer, at: number, sum: number): void {
  for (let byte = 0; byte < DIGITS / 2; byte++) {
    const [high = 0, low = 0] = DIGITS_OF[(sum >>> (24 - 8 * byte)) & 0xff] ?? [];
    buffer[at + 2 * byte] = high;
    buffer[at + 2 * byte + 1] = low;
  }
}

/** One line alone. */
export function encodeLine(json: string, more: boolean): string {
  const line = new LineBuffer();
  line.add(json, more);
  return line.bytes.toString();
}
