import { BlindOperations } from '../blind-operations.ts';
import type { Moment } from '../moment.ts';
import { NONE_KNOWN } from '../plan-add.ts';
import { knownIn, TableOperations } from '../table-operations.ts';
import type { TaskTable } from '../task-table.ts';
import { BulkAdd } from './bulk-add.ts';
import type { Change } from './change.ts';
import { JournalBatch } from './journal/journal-batch.ts';
import type { JournalFile } from './journal/journal-file.ts';
import type { Replica } from './replica.ts';
import type { Request } from './request.ts';

/** What was taken of what waits, and the journal, when it has to be synced before all of it is told. */
export interface Made {
  changes: Request[];
  toSync: JournalFile | undefined;
}

/** Applies changes to what this process knows of the store, and appends them to the journal. To be called under the lock. */
export class Maker {
  readonly #replica: Replica;
  readonly #moment: () => Moment;
  readonly #batch = new JournalBatch();

  constructor(replica: Replica, moment: () => Moment) {
    this.#replica = replica;
    this.#moment = moment;
  }

  /**
   * Takes from the front of what waits whatever can be made together. Throws only before it has taken anything: what may have been applied is
   * not done again.
   */
  make(waiting: (Change | BulkAdd)[]): Made {
    const [first] = waiting;
    if (first instanceof BulkAdd) return this.#makeBulk(first, waiting);
    return this.#makeChanges(upToBulk(waiting), waiting);
  }

  #makeChanges(changes: Change[], waiting: (Change | BulkAdd)[]): Made {
    const replica = this.#replica;
    const nextId = changes.every(({ isBlind }) => isBlind) ? replica.nextIdUnread() : undefined;
    const table = nextId === undefined ? replica.tableToChange() : undefined;
    waiting.splice(0, changes.length);
    const batch = this.#batch;
    batch.begin(replica.synced);
    try {
      if (table) this.#apply(batch, table, changes);
      else this.#applyBlindly(batch, nextId ?? 1, changes);
      if (batch.records > 0) replica.append(batch);
    } catch (error) {
      for (const change of changes) change.fail(error);
      // The table is ahead of what is kept.
      replica.drop();
      return { changes, toSync: undefined };
    }
    const mustSync = changes.some(({ awaitsSync }) => awaitsSync);
    return { changes, toSync: mustSync ? replica.journal : undefined };
  }

  #makeBulk(bulk: BulkAdd, waiting: (Change | BulkAdd)[]): Made {
    const replica = this.#replica;
    const nextId = bulk.isBlind ? replica.nextIdUnread() : undefined;
    const table = nextId === undefined ? replica.tableToLookUp() : undefined;
    waiting.shift();
    try {
      const { now } = this.#moment();
      const planned = bulk.plan(table ? knownIn(table) : NONE_KNOWN, table?.nextId ?? nextId ?? 1, now);
      if (planned && planned.records > 0) replica.appendUnread(planned);
      else replica.forget();
    } catch (error) {
      bulk.fail(error);
      replica.drop();
      return { changes: [bulk], toSync: undefined };
    }
    return { changes: [bulk], toSync: replica.journal };
  }

  #apply(batch: JournalBatch, table: TaskTable, changes: Change[]): void {
    const operations = new TableOperations(table, this.#moment(), (record) => batch.add(record));
    for (const change of changes) {
      change.apply(operations);
      const mustSync = batch.endChange(table.nextId);
      change.awaitsSync ||= mustSync;
    }
  }

  #applyBlindly(batch: JournalBatch, nextId: number, changes: Change[]): void {
    const { now } = this.#moment();
    const operations = new BlindOperations(nextId, now, (record) => batch.add(record));
    for (const change of changes) {
      change.applyBlindly(operations);
      const mustSync = batch.endChange(operations.nextId);
      change.awaitsSync ||= mustSync;
    }
  }
}

function upToBulk(waiting: (Change | BulkAdd)[]): Change[] {
  const end = waiting.findIndex((request) => request instanceof BulkAdd);
  return waiting.slice(0, end < 0 ? undefined : end) as Change[];
}
