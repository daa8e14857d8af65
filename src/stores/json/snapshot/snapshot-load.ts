import { fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { isoTime } from '../../../model/clock.ts';
import { OrchError } from '../../../model/errors.ts';
import { codeOf } from '../disk/faults.ts';
import { crcText, type FileStamp, type StatStamp, sameFile, stampOf } from '../disk/file-stamp.ts';
import { type Document, parse } from './format.ts';
import type { TaskShelf } from './shelf.ts';
import type { ShelfFile } from './shelf-file.ts';
import { SnapshotFile } from './snapshot-file.ts';
import { frameText } from './snapshot-layout.ts';
import { Deviation, SnapshotReader } from './snapshot-reader.ts';
import { SnapshotWindow } from './snapshot-window.ts';

const MAX_TRIES = 3;

interface LoadOptions {
  /** How messages call the store. */
  name: string;
  shelf: TaskShelf;
  /** Every byte is as orch wrote it: the tasks need no checks. */
  trusted: boolean;
}

/** What was read, and the file it was read from. */
export interface Loaded {
  document: Document;
  stamp: FileStamp;
  /** Whether every byte is as it would be written. */
  asWritten: boolean;
  /** Where its ended tasks are, if any were left there. */
  file: SnapshotFile;
}

/**
 * @param opened stays open; whoever retires `file` closes it.
 * @throws FormatError; `store-unusable`; what the file system throws.
 */
export function loadSnapshot(opened: ShelfFile, options: LoadOptions): Loaded {
  for (let tries = 1; ; tries++) {
    const before = stampOf(fstatSync(opened.fd));
    const loaded = load(opened, before, options);
    if (sameFile(before, stampOf(fstatSync(opened.fd)))) return loaded;
    if (tries === MAX_TRIES) {
      throw new OrchError('store-unusable', `${options.name} was changed while it was read; try again`);
    }
  }
}

function load(opened: ShelfFile, before: StatStamp, { name, shelf, trusted }: LoadOptions): Loaded {
  const file = new SnapshotFile(opened, name);
  const window = new SnapshotWindow(opened.fd);
  const modifiedAt = isoTime(before.mtimeMs);
  const reader = new SnapshotReader(window, { file, shelf, modifiedAt, trusted });
  try {
    const document = reader.read();
    const stamp = { ...before, crc: window.crc };
    file.seal(stamp);
    return { document, stamp, asWritten: reader.asWritten, file };
  } catch (error) {
    if (!(error instanceof Deviation)) throw error;
    const bytes = readWhole(opened.fd, before.size);
    const document = parseWhole(bytes, modifiedAt, name, error);
    const stamp = { ...before, crc: crcText(crc32(bytes)) };
    return { document, stamp, asWritten: isEmptyAsWritten(document, bytes), file };
  }
}

function readWhole(fd: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let done = 0;
  for (let read = -1; read !== 0 && done < size; done += read) {
    read = readSync(fd, bytes, done, size - done, done);
  }
  return bytes.subarray(0, done);
}

function parseWhole(
  bytes: Buffer,
  modifiedAt: string,
  name: string,
  { offset, message }: Deviation,
): Document {
  try {
    return parse(bytes, modifiedAt);
  } catch (error) {
    if (codeOf(error) !== 'ERR_STRING_TOO_LONG') throw error;
    const line = bytes.subarray(0, offset).toString('latin1').split('\n').length;
    const wayOut =
      'so large a file has to be laid out as orch does it; correct it by hand or restore an earlier copy; nothing was changed';
    const found = `${name}:${line}: in the part that begins here, ${message}`;
    throw new OrchError('store-unusable', `${found}; ${wayOut}`, { cause: error });
  }
}

/** The reader by parts knows no file without tasks. */
function isEmptyAsWritten(document: Document, bytes: Buffer): boolean {
  return document.tasks.length === 0 && bytes.equals(Buffer.from(frameText(document)));
}
