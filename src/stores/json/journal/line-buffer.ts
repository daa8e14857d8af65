import { crc32 } from 'node:zlib';
import { DIGITS, markOf, NEWLINE } from './journal-line.ts';

/** A UTF-16 unit becomes so many bytes at most. */
const MAX_UNIT_BYTES = 3;

/** Of a longer text it is worth counting how many bytes it becomes. */
const LONG = 1024 * 1024;

/** The largest buffer that is kept for what comes next. */
const KEPT_BYTES = 4 * 1024 * 1024;

const FIRST_BYTES = 16 * 1024;

/** Lines of the journal, as bytes, in a buffer that is used again and again: fresh ones would be left to the garbage collector. */
export class LineBuffer {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;

  /** Valid until it is cleared. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  clear(): void {
    this.#end = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** @param more the next line belongs to the same change. @throws RangeError: no buffer is so long. */
  add(json: string, more: boolean): void {
    const most = json.length > LONG ? Buffer.byteLength(json) : json.length * MAX_UNIT_BYTES;
    this.#makeRoom(DIGITS + most + 2);
    const buffer = this.#buffer;
    const start = this.#end;
    const body = start + DIGITS;
    buffer[body] = markOf(more);
    const end = body + 1 + buffer.write(json, body + 1);
    buffer.write(crc32(buffer.subarray(body, end)).toString(16).padStart(DIGITS, '0'), start);
    buffer[end] = NEWLINE;
    this.#end = end + 1;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}

/** One line alone. */
export function encodeLine(json: string, more: boolean): string {
  const line = new LineBuffer();
  line.add(json, more);
  return line.bytes.toString();
}
