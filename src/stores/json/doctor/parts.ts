import type { FaultHook } from '../disk/fault-points.ts';
import { Loader } from '../loader.ts';
import { TaskShelf } from '../snapshot/shelf.ts';
import { Snapshot } from '../snapshot/snapshot.ts';

/** What reads a store's files. */
export interface Parts {
  shelf: TaskShelf;
  snapshot: Snapshot;
  loader: Loader;
}

interface Readable {
  path: string;
  /** How messages call the store. */
  name: string;
  faultHook?: FaultHook | undefined;
}

/** Hands them over, and closes them when the work is done: what was left in the files cannot be read any more then. */
export function withParts<T>({ path, name, faultHook }: Readable, work: (parts: Parts) => T): T {
  const shelf = new TaskShelf(path, name);
  const snapshot = new Snapshot({ path, name, shelf, faultHook });
  const loader = new Loader({ path, name, snapshot, shelf, mayBeAbsent: false, faultHook });
  try {
    return work({ shelf, snapshot, loader });
  } finally {
    snapshot.close();
    shelf.close();
  }
}
