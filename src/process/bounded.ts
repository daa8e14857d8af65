import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';

/** The first `max` bytes as UTF-8 text. A character that the cut would split is left out. */
export function firstBytes(bytes: Buffer, max: number): string {
  if (bytes.length <= max) return bytes.toString();
  return new StringDecoder('utf8').write(bytes.subarray(0, max));
}

/** The last `max` bytes as UTF-8 text. A character that the cut would split is left out. */
export function lastBytes(bytes: Buffer, max: number): string {
  if (bytes.length <= max) return bytes.toString();
  let start = bytes.length - max;
  const latest = start + 3; // A UTF-8 character has at most 3 continuation bytes.
  while (start < latest && isContinuation(bytes[start])) start++;
  return bytes.toString('utf8', start);
}

/** Collects bytes as they come, up to a limit. */
export class BoundedHead {
  readonly #max: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @returns whether all of it, this chunk included, is within the limit. */
  add(chunk: Buffer): boolean {
    if (this.#size <= this.#max) this.#chunks.push(chunk);
    this.#size += chunk.length;
    return this.#size <= this.#max;
  }

  toString(): string {
    return firstBytes(Buffer.concat(this.#chunks), this.#max);
  }

  /** What is kept, where it is no UTF-8; a character that the limit splits is no fault. */
  get binary(): Buffer | undefined {
    const all = Buffer.concat(this.#chunks);
    if (isUtf8(all)) return undefined;
    const kept = all.subarray(0, this.#max);
    const isCut = kept.length < all.length;
    return isCut && isUtf8(kept.subarray(0, Buffer.byteLength(this.toString()))) ? undefined : kept;
  }
}

/** No secret is longer, in characters: tokens of identity providers have some 2,000. */
const LONGEST_WORD = 4096;

/** Collects bytes as they come and forgets all but the last ones. */
export class BoundedTail {
  readonly #max: number;
  #kept: Buffer[] = [];
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(chunk: Buffer): void {
    this.#kept.push(chunk);
    this.#size += chunk.length;
    if (this.#size > 2 * this.#max) this.#forget();
  }

  toString(): string {
    const text = lastBytes(Buffer.concat(this.#kept), this.#max);
    return this.#size > this.#max ? withoutFirstWord(text) : text;
  }

  /** Keeps one byte more than asked for, so that the text is still known to be cut. */
  #forget(): void {
    const last = Buffer.concat(this.#kept).subarray(-(this.#max + 1));
    this.#kept = [Buffer.from(last)];
    this.#size = last.length;
  }
}

/** A text that begins in the middle of a word: the half could be that of a secret, which nobody would know as one. */
function withoutFirstWord(text: string): string {
  const end = text.search(/\s/);
  return end === -1 || end > LONGEST_WORD ? text.slice(LONGEST_WORD) : text.slice(end + 1);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}
