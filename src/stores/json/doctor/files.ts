import { count, type Diagnosis, healthy, problem } from '../../diagnosis.ts';
import { storeFault } from '../disk/faults.ts';
import { JournalFile, journalPath } from '../journal/journal-file.ts';
import type { Patient } from './diagnosis.ts';
import { type Break, examineJournal as examine, type JournalExam } from './journal.ts';
import { withParts } from './parts.ts';

/** @throws FormatError; `store-unusable` */
export function examineFile(patient: Patient): Diagnosis {
  const read = withParts(patient, ({ snapshot }) => {
    const content = snapshot.read(false);
    return content && { document: content.document, bytes: content.stamp.size };
  });
  if (!read) {
    const text = 'it is not there; put it back, or begin anew by `orch doctor --take file`';
    return problem('file', text);
  }
  const { version, revision, tasks } = read.document;
  const text = `version ${version}, revision ${revision}, ${count(tasks.length, 'task')}, ${count(read.bytes, 'byte')}`;
  return healthy('file', text, { version, revision, tasks: tasks.length, bytes: read.bytes });
}

/** @throws `store-unusable`: it cannot be read, or a newer orch wrote it. */
export function examineJournal({ path, name }: Patient): Diagnosis {
  const exam = examined(path, name);
  if (!exam) return healthy('journal', 'there is none: the file stands for itself', { records: 0 });
  const { broken, records, bytes, end, head, isFolding } = exam;
  const facts = { bytes, records, continues: head?.revision };
  if (broken) return problem('journal', breakText(exam, broken), { ...facts, broken });
  JournalFile.open(journalPath(path))?.close();
  const unfinished = bytes - end;
  const parts = [
    `${count(records, 'change')} since revision ${head?.revision}, all whole`,
    ...(unfinished > 0
      ? [`${count(unfinished, 'byte')} of an unfinished one behind them are passed over`]
      : []),
    ...(isFolding ? ['it was being folded into the file'] : []),
  ];
  return healthy('journal', parts.join(', '), { ...facts, unfinished });
}

/** Asks whoever reads a store. @throws what it says: FormatError; `store-unusable` */
export function examineFit(patient: Patient): Diagnosis {
  const tasks = withParts(patient, ({ loader }) => {
    const { table, journal } = loader.load();
    journal?.close();
    return table.size;
  });
  return healthy('fit', `file and journal together hold ${count(tasks, 'task')}`, { tasks });
}

function examined(path: string, name: string): JournalExam | undefined {
  try {
    return examine(journalPath(path));
  } catch (error) {
    throw storeFault('read', journalPath(name), error);
  }
}

function breakText({ head, records }: JournalExam, { offset, line, lost }: Break): string {
  const cut = '`orch doctor --cut` cuts it off there, and keeps a copy';
  if (!head) return `its first record is not whole, and ${whole(lost)} behind it; ${cut}`;
  const where = `line ${line} (byte ${offset}) is broken, with ${count(records, 'whole change')} before it`;
  return `${where}, and ${whole(lost)} from there on; ${cut}`;
}

function whole(lost: number): string {
  return `${count(lost, 'whole record')} would be lost`;
}
