import type { TaskTable } from '../task-table.ts';
import type { FileStamp } from './disk/file-stamp.ts';
import type { JournalFile } from './journal/journal-file.ts';

/** A table, and what of the two files it stands for. */
export interface Loaded {
  table: TaskTable;
  /** Of the snapshot. */
  revision: number;
  /** The snapshot's; undefined when there is none yet. */
  stamp: FileStamp | undefined;
  /** The snapshot is as a person wrote it. */
  foreign: boolean;
  /** Read to its end; undefined when the snapshot stands for itself. */
  journal: JournalFile | undefined;
  /** Inode of a journal that lies there and does not count any more. */
  obsolete?: number | undefined;
}
