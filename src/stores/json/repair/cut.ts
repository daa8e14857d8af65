import type { TableRecord } from '../../record.ts';
import { TaskTable } from '../../task-table.ts';
import { replaceFile, writeAll } from '../disk/replace-file.ts';
import { type Break, examineJournal, type JournalExam } from '../doctor/journal.ts';
import { withParts } from '../doctor/parts.ts';
import { JournalFile } from '../journal/journal-file.ts';
import { type Head, recordJson } from '../journal/journal-record.ts';
import { encodeLine } from '../journal/line-buffer.ts';
import { copyBytes } from './copy.ts';
import { type Locked, type RepairOptions, repairing } from './repair.ts';
import { addAgain, addsBehind } from './rescue.ts';

/** What was cut off. */
interface Cut {
  /** Byte and line (from 1) of the broken record. */
  offset: number;
  line: number;
  /** Whole records that are lost with it. */
  lost: number;
  /** Ids of tasks that had been added behind it: they are kept. */
  kept: string[];
  /** Path of the journal's copy, as it was. */
  copy: string;
}

/**
 * Cuts a journal that is broken in the middle off at the broken change. Tasks that were added behind it are added again; what else was
 * given an id in the part that is lost keeps it: none is given twice.
 * @returns undefined when there is nothing to cut. @throws as `repairing`.
 */
export function cutJournal(name: string, options: RepairOptions = {}): Promise<Cut | undefined> {
  return repairing(name, options, (store) => {
    const exam = examineJournal(store.journalPath);
    if (!exam?.broken) return undefined;
    const { offset, line, lost } = exam.broken;
    // It refuses what a newer orch wrote.
    if (exam.head) JournalFile.open(store.journalPath)?.close();
    const copy = store.keep(store.journalPath);
    const adds = addsBehind(copy, offset);
    if (exam.head) shorten(store, { ...exam, head: exam.head }, exam.broken);
    else beginAnew(store, exam.broken);
    const kept = addAgain(store, adds);
    return { offset, line, lost: lost - kept.length, kept, copy };
  });
}

/** Put in its place as a whole: whoever has read the old one sees that it is another. */
function shorten({ path, journalPath }: Locked, exam: JournalExam & { head: Head }, broken: Break): void {
  const { next } = broken;
  const { head } = exam;
  const isHeadAlone = exam.records === 0 && !exam.isFolding;
  replaceFile(journalPath, {
    like: path,
    write: (fd) => {
      if (isHeadAlone) return writeAll(fd, lineOf(head, next));
      copyBytes(journalPath, fd, exam.end);
      // A command for no run changes nothing, and says which id is next.
      if (next > exam.next) writeAll(fd, lineOf({ op: 'control', command: 'resume', runs: [] }, next));
    },
  });
}

/** Nothing of the journal can be trusted: the file stands for itself, and one is begun where there is none. */
function beginAnew(store: Locked, { next }: Break): void {
  const { path, journalPath, faultHook } = store;
  withParts(store, ({ snapshot, shelf }) => {
    const read = snapshot.read(false);
    const revision = read?.document.revision ?? 0;
    const table = new TaskTable(
      read && { entries: read.document.tasks, nextId: read.document.nextId },
      shelf,
    );
    table.reserve(next);
    const stamp = read?.stamp ?? snapshot.write({ revision, nextId: next, entries: [] }, undefined);
    const foreign = read !== undefined && !read.asWritten;
    const head: Head = { op: 'head', version: 1, revision, snapshot: stamp, ...(foreign && { foreign }) };
    JournalFile.create(journalPath, path, head, table.nextId, faultHook).close();
  });
}

function lineOf(record: Head | TableRecord, next: number): Buffer {
  return Buffer.from(encodeLine(recordJson(record, next), false));
}
