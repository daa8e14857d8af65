import { statSync } from 'node:fs';
import type { Task } from '../../model/task.ts';
import { findStore } from './disk/store-path.ts';
import { journalPath } from './journal/journal-file.ts';
import { Loader } from './loader.ts';
import { TaskShelf } from './snapshot/shelf.ts';
import { Snapshot } from './snapshot/snapshot.ts';

/** Tasks stay in memory: nothing is written for them. */
class NoShelf extends TaskShelf {
  override put(): undefined {
    return undefined;
  }
}

/**
 * The tasks of a store for whoever only wants to name them. Unlike an open store, it never makes, locks, folds or mends a file, not even a
 * temporary one, and waits for nobody.
 * @param name the file's path. @param mostBytes more than that in its files, and nothing is read.
 * @throws `store-missing`, `store-unusable`, FormatError: there is none, or it cannot be read as it is.
 */
export function peekAt(name: string, mostBytes = Number.POSITIVE_INFINITY): Task[] {
  const { path } = findStore(name);
  if (sizeOf(path) + sizeOf(journalPath(path)) > mostBytes) return [];
  const shelf = new NoShelf(path, name);
  const snapshot = new Snapshot({ path, name, shelf });
  const loader = new Loader({ path, name, snapshot, shelf, mayBeAbsent: false });
  try {
    const { table, journal } = loader.load();
    journal?.close();
    return [...table.list()];
  } finally {
    snapshot.close();
    shelf.close();
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
