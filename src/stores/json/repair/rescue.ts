import { closeSync, openSync } from 'node:fs';
import { isOrchError } from '../../../model/errors.ts';
import type { TableRecord } from '../../record.ts';
import { withParts } from '../doctor/parts.ts';
import { JournalBatch } from '../journal/journal-batch.ts';
import { linesOf } from '../journal/journal-lines.ts';
import type { JournalRecord } from '../journal/journal-record.ts';
import type { Locked } from './repair.ts';

type AddRecord = Extract<TableRecord, { op: 'add' | 'import' }>;

/**
 * The tasks that were added behind a place in a journal. To add one asks for nothing that was before, so that they count although that is
 * lost: whoever added them was told so.
 */
export function addsBehind(journalPath: string, offset: number): AddRecord[] {
  const fd = openSync(journalPath, 'r');
  try {
    const adds: AddRecord[] = [];
    let change: AddRecord[] = [];
    for (const { line } of linesOf(fd, offset, { isThorough: true })) {
      if (!line) continue;
      const { next: _, synced: _synced, ...record }: JournalRecord = JSON.parse(line.json);
      if (record.op === 'add' || record.op === 'import') change.push(record);
      if (line.more) continue;
      adds.push(...change);
      change = [];
    }
    return adds;
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts them into a store that is whole again, but for those that come after a task that is lost.
 * @returns their ids; none, where something else is wrong with the store: they are in the copy of the journal.
 */
export function addAgain(store: Locked, adds: readonly AddRecord[]): string[] {
  try {
    return adds.length === 0 ? [] : add(store, adds);
  } catch (error) {
    if (isOrchError(error, 'store-unusable')) return [];
    throw error;
  }
}

function add(store: Locked, adds: readonly AddRecord[]): string[] {
  return withParts(store, ({ loader }) => {
    const { table, journal } = loader.load();
    const batch = new JournalBatch();
    const ids: string[] = [];
    for (const record of adds) {
      const { id, after = [] } = record.task;
      if (table.has(id) || !after.every((each) => table.has(each))) continue;
      table.apply(record);
      batch.add(record);
      batch.endChange(table.nextId);
      ids.push(id);
    }
    if (ids.length > 0) journal?.append(batch.lines, batch.records, batch.nextId);
    journal?.sync();
    journal?.close();
    return ids;
  });
}
