import { fstatSync } from 'node:fs';
import { OrchError } from '../../../model/errors.ts';
import { crcOfDescriptor, type FileStamp } from '../disk/file-stamp.ts';
import { Segment } from './shelf-entry.ts';
import type { ShelfFile } from './shelf-file.ts';

/** The store's file, as it was read or written: kept open, so that it can be read when another has taken its place. */
export class SnapshotFile extends Segment {
  readonly #file: ShelfFile;
  #stamp: FileStamp | undefined;

  /** @param name how messages call the store. @param stamp of the file; to be given by `seal` where it is not known yet. */
  constructor(file: ShelfFile, name: string, stamp?: FileStamp) {
    super(name);
    this.#file = file;
    this.#stamp = stamp;
  }

  /** From now on it must not change. */
  seal(stamp: FileStamp): void {
    this.#stamp = stamp;
  }

  /** @throws `store-unusable`: somebody wrote into it. */
  override readInto(target: Buffer, at: number, offset: number, length: number): void {
    try {
      this.#file.readInto(target, at, offset, length);
    } finally {
      // Afterwards: what was read before a change is right.
      this.#refuseChanged();
    }
  }

  override close(): void {
    this.#file.close();
  }

  #refuseChanged(): void {
    const stamp = this.#stamp;
    const { size, mtimeMs } = fstatSync(this.#file.fd);
    if (!stamp || (size === stamp.size && mtimeMs === stamp.mtimeMs)) return;
    if (size === stamp.size && crcOfDescriptor(this.#file.fd) === stamp.crc) {
      // Only its time was changed.
      this.#stamp = { ...stamp, mtimeMs };
      return;
    }
    const message = `${this.name} was changed while it was in use; end all runs, and begin again with the file as it is now`;
    throw new OrchError('store-unusable', message);
  }
}
