/**
 * The moments within a write at which a process may die. Every change passes the first two, and one that is synced the next two. The rest
 * are a fold's own; between its `before-snapshot-rename` and the rename it appends and syncs a record, and so passes the first four too.
 */
export const FAULT_POINTS = [
  'before-append',
  'half-append',
  'before-sync',
  'after-sync',
  'before-snapshot',
  'half-snapshot',
  'before-snapshot-sync',
  'before-snapshot-rename',
  'after-snapshot-rename',
  'before-journal-rename',
  'after-journal-rename',
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Called at each moment within a write, so that a test can die or fail there. */
export type FaultHook = (point: FaultPoint) => void;
