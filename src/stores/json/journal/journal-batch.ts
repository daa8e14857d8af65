import type { TableRecord } from '../../record.ts';
import { encodeLine } from './journal-line.ts';
import { needsSync, recordJson } from './journal-record.ts';

/** Collects the records of changes as lines of the journal; those of one change count together or not at all. */
export class JournalBatch {
  #lines = '';
  #change: TableRecord[] = [];
  #records = 0;
  #nextId = 1;
  #synced: number;

  /** @param synced up to where the journal that it is for is known to be on the disk; 0: unknown. */
  constructor(synced = 0) {
    this.#synced = synced;
  }

  get lines(): string {
    return this.#lines;
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
    const mustSync = this.#change.some(needsSync);
    let left = this.#change.length;
    for (const record of this.#change) {
      this.#lines += encodeLine(recordJson(record, nextId, this.#synced), --left > 0);
      // Once is enough: they are written together.
      this.#synced = 0;
    }
    this.#records += this.#change.length;
    this.#nextId = nextId;
    this.#change = [];
    return mustSync;
  }
}
