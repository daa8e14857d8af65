/** The moments within a write at which a process may die, in their order. A compaction passes the last seven. */
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
