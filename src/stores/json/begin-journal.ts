import type { FaultHook } from './disk/fault-points.ts';
import type { FileStamp } from './disk/file-stamp.ts';
import { JournalFile, journalPath } from './journal/journal-file.ts';
import type { Head } from './journal/journal-record.ts';
import type { Loaded } from './loaded.ts';
import { runFactsOf } from './run-facts.ts';

/**
 * Puts a new journal in the place of the old one, and has what was loaded go on with it. The head says where the old one ended: whoever had read
 * that so far need not read the snapshot.
 * @param path the store's file. @param revision of the snapshot that it continues. @param snapshot its stamp.
 */
export function beginJournal(
  path: string,
  loaded: Loaded,
  revision: number,
  snapshot: FileStamp,
  at: FaultHook | undefined,
): JournalFile {
  const { journal, table } = loaded;
  const head: Head = {
    op: 'head',
    version: 1,
    revision,
    snapshot,
    ...(loaded.foreign && loaded.stamp === snapshot && { foreign: true as const }),
    ...(journal && { follows: { revision: loaded.revision, end: journal.end } }),
    ...runFactsOf(table),
  };
  const begun = JournalFile.create(journalPath(path), path, head, table.nextId, at);
  Object.assign(loaded, { journal: begun, revision, stamp: snapshot, foreign: head.foreign ?? false });
  return begun;
}
