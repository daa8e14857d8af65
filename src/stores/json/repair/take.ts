import { isOrchError, OrchError } from '../../../model/errors.ts';
import { TaskTable } from '../../task-table.ts';
import { brokenJournal } from '../disk/conflicts.ts';
import { type Parts, withParts } from '../doctor/parts.ts';
import { BrokenLine } from '../journal/journal-damage.ts';
import { JournalFile } from '../journal/journal-file.ts';
import type { SnapshotContent } from '../snapshot/snapshot.ts';
import { JournalMerge } from './merge.ts';
import { type Locked, type RepairOptions, repairing } from './repair.ts';

/** What a store goes on with: its file as it is, or that with the journal's changes put into it. */
export type TakeChoice = 'file' | 'journal';

interface Taken {
  /** Of the file, from now on. */
  revision: number;
  /** How many tasks it has. */
  tasks: number;
  /** Paths of the copies of what there was. */
  copies: string[];
  /** Ids of tasks that the file does not have, so that the changes made to them were left out. */
  leftOut: string[];
  /** Ids of tasks that the journal adds and that were left out, because the file has others under these ids. */
  taken: string[];
}

/**
 * Makes a store whole whose file and journal do not belong together. What there was is kept as copies. Killed anywhere, it leaves
 * the store as it was, or whole.
 * @returns undefined when they do: there is nothing to decide.
 * @throws as `repairing`. `store-unusable`: the file or the journal cannot be read, or it holds nothing to be taken.
 */
export function takeStore(
  name: string,
  choice: TakeChoice,
  options: RepairOptions = {},
): Promise<Taken | undefined> {
  return repairing(name, options, (store) => {
    const why = whyRefused(store);
    if (why === undefined) return undefined;
    const journal = JournalFile.open(store.journalPath, store.faultHook);
    // Without one, the file stands for itself, and it cannot.
    if (!journal) throw why;
    try {
      return withParts(store, (parts) => take(store, choice, journal, parts));
    } catch (error) {
      throw error instanceof BrokenLine ? brokenJournal(store.journalPath, error) : error;
    } finally {
      journal.close();
    }
  });
}

/** What a reader is told. @returns undefined when it can read the store. @throws what no choice would mend. */
function whyRefused(store: Locked): unknown {
  try {
    withParts(store, ({ loader }) => loader.load().journal?.close());
    return undefined;
  } catch (error) {
    if (!isOrchError(error, 'store-unusable')) throw error;
    return error;
  }
}

function take(store: Locked, choice: TakeChoice, journal: JournalFile, { snapshot, shelf }: Parts): Taken {
  const { path, journalPath, faultHook } = store;
  const read = snapshot.read(false);
  const table = new TaskTable(read && { entries: read.document.tasks, nextId: read.document.nextId }, shelf);
  const merge = new JournalMerge(table);
  journal.follow((record) => {
    if (choice === 'journal') merge.put(record);
  });
  if (choice === 'journal') requireChanges(store.name, journal, read);
  table.reserve(Math.max(journal.head.next, journal.next));
  const copies = [journalPath, ...(read ? [path] : [])].map(store.keep);
  const known = [read?.document.revision, journal.head.revision, journal.fold?.revision];
  const revision = Math.max(...known.map((each) => each ?? 0)) + 1;
  journal.cutTail();
  const next = { revision, nextId: table.nextId, entries: table.entries() };
  const stamp = snapshot.write(next, read?.stamp, (written) =>
    journal.appendFold({ op: 'fold', revision, snapshot: written }),
  );
  const head = { op: 'head', version: 1, revision, snapshot: stamp } as const;
  JournalFile.create(journalPath, path, head, table.nextId, faultHook).close();
  return { revision, tasks: table.size, copies, leftOut: merge.leftOut, taken: merge.taken };
}

/** @throws `store-unusable`: the journal has nothing that could be put into the file. */
function requireChanges(name: string, journal: JournalFile, read: SnapshotContent | undefined): void {
  const goOn = 'or go on with the file by `orch doctor --take file`';
  if (!read) {
    const message = `${name} has gone: there is nothing that the journal's changes could be put into; put it back, or begin anew by \`orch doctor --take file\``;
    throw new OrchError('store-unusable', message);
  }
  if (journal.records === 0) {
    const message = `The journal of ${name} holds no changes that could be put into it; put the newer copy back, ${goOn}`;
    throw new OrchError('store-unusable', message);
  }
  if (journal.fold && read.document.revision >= journal.fold.revision) {
    const message = `${name} was changed after the journal had been folded into it, so that it has those changes; put the copy from before back, ${goOn}`;
    throw new OrchError('store-unusable', message);
  }
}
