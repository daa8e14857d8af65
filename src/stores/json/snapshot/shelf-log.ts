import { openSync, rmSync, writeSync } from 'node:fs';
import { temporaryName } from '../disk/replace-file.ts';
import { Segment } from './shelf-entry.ts';
import { ShelfFile } from './shelf-file.ts';

const CHUNK_BYTES = 1 << 20;
const MAX_CHUNKS = 8;
/** Bytes of the file that are read together. */
const AHEAD_BYTES = 64 * 1024;
/** A UTF-16 unit becomes so many bytes at most. */
const MAX_UNIT_BYTES = 3;

/**
 * Texts, one after the other. The last 8 MiB are in memory; what is older goes to a file beside the store that has no
 * name, so that it is gone with the process.
 */
export class ShelfLog extends Segment {
  readonly #path: string;
  /** The chunks in memory; those before them are in the file. */
  readonly #chunks: Buffer[] = [];
  #spilled = 0;
  #spill: ShelfFile | undefined;
  #ahead: { bytes?: Buffer; from: number; to: number } = { from: 0, to: 0 };
  #end = 0;
  #full = false;
  #failure: unknown;

  /** @param path the store's file. */
  constructor(path: string, name: string) {
    super(name);
    this.#path = path;
  }

  /** Where the next text will begin, in bytes. */
  get end(): number {
    return this.#end;
  }

  /** Why there is no room, where the file system says so. */
  get failure(): unknown {
    return this.#failure;
  }

  /** @returns false when there is no room; there will be none later either. */
  append(text: string): boolean {
    const chunk = this.#chunks.at(-1);
    const at = this.#end % CHUNK_BYTES;
    if (chunk && at > 0 && at + text.length * MAX_UNIT_BYTES <= CHUNK_BYTES) {
      this.#end += chunk.write(text, at);
      return true;
    }
    try {
      this.#appendBytes(Buffer.from(text, 'utf8'));
    } catch (error) {
      this.#full = true;
      this.#failure = error;
    }
    return !this.#full;
  }

  override readInto(target: Buffer, at: number, offset: number, length: number): void {
    for (let done = 0; done < length; ) {
      done += this.#readPiece(target, at + done, offset + done, length - done);
    }
  }

  override close(): void {
    this.#full = true;
    this.#chunks.length = 0;
    this.#spill?.close();
  }

  #readPiece(target: Buffer, at: number, offset: number, length: number): number {
    const inFile = this.#spilled * CHUNK_BYTES - offset;
    if (this.#spill && inFile > 0) {
      const piece = Math.min(length, inFile);
      if (piece > AHEAD_BYTES) this.#spill.readInto(target, at, offset, piece);
      else this.#readAhead(this.#spill, offset, piece, inFile).copy(target, at, 0, piece);
      return piece;
    }
    const chunk = this.#chunks[Math.floor(offset / CHUNK_BYTES) - this.#spilled];
    if (!chunk) throw new Error('this shelf has been closed');
    const from = offset % CHUNK_BYTES;
    return chunk.copy(target, at, from, from + Math.min(length, CHUNK_BYTES - from));
  }

  /** What is read next mostly stands behind it. @param inFile bytes that the file has from there on. */
  #readAhead(file: ShelfFile, offset: number, length: number, inFile: number): Buffer {
    const { bytes = Buffer.allocUnsafeSlow(AHEAD_BYTES), from, to } = this.#ahead;
    if (offset >= from && offset + length <= to) return bytes.subarray(offset - from);
    const ahead = Math.min(inFile, AHEAD_BYTES);
    file.readInto(bytes, 0, offset, ahead);
    this.#ahead = { bytes, from: offset, to: offset + ahead };
    return bytes;
  }

  #appendBytes(bytes: Buffer): void {
    if (this.#full) return;
    for (let done = 0; done < bytes.length; ) {
      const at = this.#end % CHUNK_BYTES;
      if (at === 0) this.#chunks.push(this.#emptyChunk());
      const piece = bytes.copy(this.#chunks.at(-1)!, at, done);
      done += piece;
      this.#end += piece;
    }
  }

  #emptyChunk(): Buffer {
    const [oldest] = this.#chunks;
    if (!oldest || this.#chunks.length < MAX_CHUNKS) return Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#spill ??= openUnnamed(this.#path);
    const position = this.#spilled * CHUNK_BYTES;
    for (let done = 0; done < CHUNK_BYTES; ) {
      done += writeSync(this.#spill.fd, oldest, done, CHUNK_BYTES - done, position + done);
    }
    this.#spilled++;
    this.#chunks.shift();
    return oldest;
  }
}

/** For nobody else to read: a result may be a secret. */
function openUnnamed(path: string): ShelfFile {
  const name = temporaryName(path);
  const file = new ShelfFile(openSync(name, 'wx+', 0o600));
  rmSync(name, { force: true });
  return file;
}
