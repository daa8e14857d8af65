import { closeSync, readSync } from 'node:fs';

/** A file that stays open until it is closed, or until nobody is left who could read from it. */
export class ShelfFile {
  static readonly #forgotten = new FinalizationRegistry<number>(closeSync);
  #fd: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    ShelfFile.#forgotten.register(this, fd, this);
  }

  /** @throws Error when it was closed: its number may be another file's by now. */
  get fd(): number {
    if (this.#fd === undefined) throw new Error('this file has been closed');
    return this.#fd;
  }

  /** @throws what the file system throws; Error when the file ends before. */
  readInto(target: Buffer, at: number, position: number, length: number): void {
    for (let done = 0; done < length; ) {
      const read = readSync(this.fd, target, at + done, length - done, position + done);
      if (read === 0) throw new Error('this file ends too early');
      done += read;
    }
  }

  /** Again does nothing. */
  close(): void {
    if (this.#fd === undefined) return;
    ShelfFile.#forgotten.unregister(this);
    const fd = this.#fd;
    this.#fd = undefined;
    closeSync(fd);
  }
}
