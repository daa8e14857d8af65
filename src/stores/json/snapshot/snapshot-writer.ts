import { fstatSync } from 'node:fs';
import { type Entry, taskOf } from '../../entry.ts';
import type { FaultHook } from '../disk/fault-points.ts';
import { type FileStamp, stampOf } from '../disk/file-stamp.ts';
import type { Document } from './format.ts';
import { ShelvedEntry } from './shelf-entry.ts';
import type { SnapshotFile } from './snapshot-file.ts';
import { frameParts, frameText, SEPARATOR, taskText } from './snapshot-layout.ts';
import { SnapshotOutput } from './snapshot-output.ts';

export interface Written {
  stamp: FileStamp;
  /** Where each task of the document stands: bytes from the file's beginning. */
  places: Float64Array;
}

/**
 * Writes `JSON.stringify(document, null, 2)` and a line break; shelved tasks are copied as bytes.
 * @param faultHook called when a part has been written.
 */
export function writeSnapshot(document: Document, fd: number, faultHook?: FaultHook): Written {
  const output = new SnapshotOutput(fd, faultHook && (() => faultHook('half-snapshot')));
  const places = writeDocument(document, output);
  const crc = output.finish();
  return { stamp: { ...stampOf(fstatSync(fd)), crc }, places };
}

/** Tells the shelved tasks of a document where they are now. */
export function moveShelved({ tasks }: Document, places: Float64Array, file: SnapshotFile): void {
  for (const [index, entry] of tasks.entries()) {
    if (entry instanceof ShelvedEntry) entry.moveTo(file, places[index]!);
  }
}

function writeDocument(document: Document, output: SnapshotOutput): Float64Array {
  if (document.tasks.length === 0) {
    output.text(frameText(document));
    return new Float64Array();
  }
  const { before, after } = frameParts(document);
  output.text(before);
  const places = writeTasks(document.tasks, output);
  output.text(after);
  return places;
}

function writeTasks(tasks: Entry[], output: SnapshotOutput): Float64Array {
  const places = new Float64Array(tasks.length);
  let run: Run | undefined;
  for (const [index, entry] of tasks.entries()) {
    const shelved = entry instanceof ShelvedEntry;
    if (!shelved || !run?.extend(entry)) {
      run?.copyTo(output);
      if (index > 0) output.text(SEPARATOR);
      run = shelved ? new Run(entry, output.length) : undefined;
      if (!shelved) output.text(taskText(taskOf(entry)));
    }
    if (shelved && run) places[index] = run.placeOf(entry);
  }
  run?.copyTo(output);
  return places;
}

/** Shelved tasks that stand one after the other where they are: they are copied at once, with what stands between. */
class Run {
  readonly #first: ShelvedEntry;
  readonly #place: number;
  #end: number;

  /** @param place where the first will stand. */
  constructor(first: ShelvedEntry, place: number) {
    this.#first = first;
    this.#place = place;
    this.#end = first.offset + first.length;
  }

  /** @returns false when this one stands elsewhere. */
  extend({ segment, offset, length }: ShelvedEntry): boolean {
    if (segment !== this.#first.segment || offset !== this.#end + SEPARATOR.length) return false;
    this.#end = offset + length;
    return true;
  }

  placeOf({ offset }: ShelvedEntry): number {
    return this.#place + offset - this.#first.offset;
  }

  copyTo(output: SnapshotOutput): void {
    const { segment, offset } = this.#first;
    output.copy(segment, offset, this.#end - offset);
  }
}
