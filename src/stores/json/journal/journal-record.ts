import type { StoppedRun, Telling } from '../../../ports/task-store.ts';
import type { LedgerEntry } from '../../ledger.ts';
import type { TableRecord } from '../../record.ts';
import type { FileStamp } from '../disk/file-stamp.ts';

/** The first record of a journal. */
export interface Head {
  op: 'head';
  version: 1;
  /** Of the snapshot that this journal continues. */
  revision: number;
  snapshot: FileStamp;
  /** That snapshot is as a person wrote it: it has to be checked whenever it is read. */
  foreign?: true;
  /** The journal that was folded into that snapshot, and where it ended: who had read it so far need not read the snapshot. */
  follows?: { revision: number; end: number };
  /** What runs that live were told last. */
  told?: Record<string, Telling>;
  /** What stopped the run that left last. */
  lastStop?: StoppedRun;
  /** Money of the runs that live, by run. */
  ledger?: Record<string, LedgerEntry>;
}

/** The last record of a journal that is being folded into a snapshot: the one that this stamp fits has all of it. */
export interface Fold {
  op: 'fold';
  revision: number;
  snapshot: FileStamp;
}

/** What a journal holds. */
export type JournalRecord = (Head | Fold | TableRecord) & {
  /** Number of the next automatic id, so that one line is enough to add a task. */
  next: number;
  /** The byte up to which its writer knew the journal to be on the disk, or relied on it: what is missing before that was lost later. */
  synced?: number;
};

/**
 * All that may change a table, and what each is about: what is none of these was written by a later orch. A power cut may lose what is not
 * about tasks: what was claimed is done again, and no run lives any more that was told something or has money to spend.
 */
const TABLE_OPS: Record<TableRecord['op'], 'task' | 'lease' | 'run'> = {
  add: 'task',
  import: 'task',
  claim: 'lease',
  renew: 'lease',
  checkpoint: 'task',
  settle: 'task',
  reset: 'task',
  retry: 'task',
  edit: 'task',
  reopen: 'task',
  remove: 'task',
  control: 'run',
  left: 'run',
  unstop: 'run',
  join: 'run',
  reserve: 'run',
  spend: 'run',
};

/** Whether this orch knows what it means. */
export function isKnownRecord({ op }: JournalRecord): boolean {
  return op === 'head' || op === 'fold' || Object.hasOwn(TABLE_OPS, op);
}

export function isTableRecord(record: JournalRecord): record is Extract<JournalRecord, TableRecord> {
  return record.op !== 'head' && record.op !== 'fold';
}

/** Whether it has to be on the disk before anybody is told. */
export function needsSync({ op }: TableRecord): boolean {
  return TABLE_OPS[op] === 'task';
}

/** Whether it is about runs, and stands in journals alone. */
export function isAboutRuns({ op }: TableRecord): boolean {
  return TABLE_OPS[op] === 'run';
}

/** @param synced 0: unknown. */
export function recordJson(record: Head | Fold | TableRecord, next: number, synced = 0): string {
  const known = synced > 0 ? `"synced":${synced},` : '';
  return `{"next":${next},${known}${JSON.stringify(record).slice(1)}`;
}

/** The same of a task that is added. @param task its JSON, without the id. */
export function addedJson(id: string, task: string, at: string, next: number, synced: number): string {
  const known = synced > 0 ? `"synced":${synced},` : '';
  return `{"next":${next},${known}"op":"add","at":"${at}","task":{"id":"${id}",${task.slice(1)}}`;
}
