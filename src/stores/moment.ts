import type { LateLeases } from './late-leases.ts';

/** Whether a run lives: it has joined, has not left, and its process has not died. */
export type IsLive = (runId: string) => boolean;

/** How things stand around a table while an operation is done on it. */
export interface Moment {
  /** Milliseconds since the epoch. */
  now: number;
  isLive: IsLive;
  /** What this store object has seen so far of leases that ran out. */
  late: LateLeases;
}
