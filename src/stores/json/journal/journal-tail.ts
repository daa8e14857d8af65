import { fstatSync, ftruncateSync, writeSync } from 'node:fs';
import type { FaultHook } from '../disk/fault-points.ts';
import { isZeroAt } from './journal-lines.ts';

/** Bytes of zeros that are written ahead of a busy journal. */
const ROOM = 256 * 1024;

/** Appends after which a journal counts as busy: a command that makes a few leaves no room behind. */
const BUSY = 32;

const zeros = Buffer.alloc(ROOM);

/**
 * The end of a journal's file, where it grows. A busy one grows into zeros that were written before: a sync need not note a new length
 * then, and takes two thirds of the time (measured on ext4: bench/README.md).
 */
export class JournalTail {
  readonly #fd: number;
  readonly #at: FaultHook | undefined;
  #appends = 0;
  /** Where the room ends that this object made. */
  #room = 0;

  constructor(fd: number, at: FaultHook | undefined) {
    this.#fd = fd;
    this.#at = at;
  }

  /** @param end where the journal ends. @throws what the file system throws: nothing is appended then. */
  append(bytes: Buffer, end: number): void {
    this.#makeRoom(end + bytes.length);
    this.appendAll([bytes], end);
  }

  /** Likewise, in pieces. @returns how many bytes. @throws what comes out of the pieces, too. */
  appendAll(pieces: Iterable<Buffer>, end: number): number {
    let at = end;
    try {
      this.#at?.('before-append');
      for (const bytes of pieces) {
        const half = this.#at ? bytes.length >> 1 : 0;
        this.#write(bytes.subarray(0, half), at);
        this.#at?.('half-append');
        this.#write(bytes.subarray(half), at + half);
        at += bytes.length;
      }
      return at - end;
    } catch (error) {
      this.cut(end);
      throw error;
    }
  }

  /** Cuts off what a writer that died left unfinished. */
  cut(end: number): void {
    if (!isZeroAt(this.#fd, end)) this.truncate(end);
  }

  /** Gives back what room is left. */
  trim(end: number): void {
    if (this.#room > 0) this.truncate(end);
  }

  truncate(end: number): void {
    ftruncateSync(this.#fd, end);
    this.#room = 0;
  }

  #makeRoom(needed: number): void {
    this.#appends++;
    if (this.#appends <= BUSY || needed <= this.#room) return;
    const from = Math.max(needed, fstatSync(this.#fd).size);
    try {
      this.#write(zeros, from);
      this.#room = from + ROOM;
    } catch {
      // A full disk: what is appended says so, if it does not fit either.
      this.#appends = 0;
    }
  }

  #write(bytes: Buffer, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#fd, bytes, done, bytes.length - done, position + done);
    }
  }
}
