import type { TableRecord } from '../../record.ts';
import { needsSync, recordJson } from './journal-record.ts';
import { LineBuffer } from './line-buffer.ts';

/** Collects the records of changes as lines of the journal; those of one change count together or not at all. */
export class JournalBatch {
  readonly #lines = new LineBuffer();
  #change: TableRecord[] = [];
  #records = 0;
  #nextId = 1;
  #synced = 0;

  /** Forgets what was collected. @param synced up to where the journal that it is for is known to be on the disk; 0: unknown. */
  begin(synced: number): void {
    this.#lines.clear();
    this.#change = [];
    this.#records = 0;
    this.#synced = synced;
  }

  /** Valid until the next begins. */
  get lines(): Buffer {
    return this.#lines.bytes;
  }

  get records(): number {
    return this.#records;
  }

  /** Number of the next automatic id, after all of it. */
  get nextId(): number {
    return this.#nextId;
  }

  add(record: TableRecord): void {
    this.#change.push(record);
  }

  /**
   * What was added since the last end is one change.
   * @param nextId number of the next automatic id.
   * @returns whether it has to be on the disk before anybody is told.
   */
  endChange(nextId: number): boolean {
    const change = this.#change;
    this.#change = [];
    let left = change.length;
    for (const record of change) {
      this.#lines.add(recordJson(record, nextId, this.#synced), --left > 0);
      // Once is enough: they are written together.
      this.#synced = 0;
    }
    this.#records += change.length;
    this.#nextId = nextId;
    return change.some(needsSync);
  }
}
