import { readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { crcText } from '../disk/file-stamp.ts';

const CHUNK_BYTES = 1 << 20;

/** Reads a file from its beginning, a chunk at a time. What is taken is valid until more is taken. */
export class SnapshotWindow {
  readonly #fd: number;
  #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  /** What is in the buffer and was not taken yet. */
  #from = 0;
  #to = 0;
  /** Where in the file the buffer begins. */
  #base = 0;
  #crc = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Where in the file the next byte to be taken is. */
  get offset(): number {
    return this.#base + this.#from;
  }

  /** The checksum of all that was read, as stamps carry it. */
  get crc(): string {
    return crcText(this.#crc);
  }

  isNext(bytes: Buffer): boolean {
    while (this.#to - this.#from < bytes.length) if (!this.#readOn()) return false;
    return this.#buffer.compare(bytes, 0, bytes.length, this.#from, this.#from + bytes.length) === 0;
  }

  /** Takes these bytes, if they come next. */
  take(bytes: Buffer): boolean {
    if (!this.isNext(bytes)) return false;
    this.#from += bytes.length;
    return true;
  }

  /**
   * Takes what comes until `mark` ends.
   * @param limit how far it looks at least, in bytes. @returns undefined, with nothing taken, when there is none.
   */
  takeThrough(mark: Buffer, limit = Number.POSITIVE_INFINITY): Buffer | undefined {
    for (let searched = 0; ; ) {
      const found = this.#buffer.indexOf(mark, this.#from + searched);
      // Beyond `#to` lies what was read earlier.
      if (found >= 0 && found + mark.length <= this.#to) return this.#takeTo(found + mark.length);
      const length = this.#to - this.#from;
      searched = Math.max(0, length - mark.length + 1);
      if (length >= limit || !this.#readOn()) return undefined;
    }
  }

  /** Takes all that is left. */
  takeRest(): Buffer {
    while (this.#readOn());
    return this.#takeTo(this.#to);
  }

  #takeTo(end: number): Buffer {
    const taken = this.#buffer.subarray(this.#from, end);
    this.#from = end;
    return taken;
  }

  #readOn(): boolean {
    this.#makeRoom();
    const read = readSync(
      this.#fd,
      this.#buffer,
      this.#to,
      this.#buffer.length - this.#to,
      this.#base + this.#to,
    );
    this.#crc = crc32(this.#buffer.subarray(this.#to, this.#to + read), this.#crc);
    this.#to += read;
    return read > 0;
  }

  #makeRoom(): void {
    if (this.#from > 0) {
      this.#buffer.copyWithin(0, this.#from, this.#to);
      this.#base += this.#from;
      this.#to -= this.#from;
      this.#from = 0;
    }
    if (this.#to < this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
    this.#buffer.copy(larger, 0, 0, this.#to);
    this.#buffer = larger;
  }
}
