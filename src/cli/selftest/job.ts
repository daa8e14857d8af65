import type { FaultPoint } from '../../stores/json/disk/fault-points.ts';

/** What a store acknowledges. */
export const ACKNOWLEDGED = ['completed', 'added', 'checkpointed', 'claimed'] as const;
export type Acknowledged = (typeof ACKNOWLEDGED)[number];

/** At which a worker may kill itself: within a write, or when something is acknowledged, and nobody else knows of it yet. */
export type Moment = FaultPoint | Acknowledged;

/** The variable that has a worker's job. */
export const JOB = 'ORCH_SELFTEST_JOB';

/** What a worker is to do. */
export interface Job {
  /** The store's path, or its URL. */
  store: string;
  /** Tells it from the other workers of the store. */
  worker: number;
  /** Of the clock that all share: see `sharedNow`. */
  epochMs: number;
  /** So many tasks it adds at a time, one time after the other, while it runs. */
  adds: number[];
  /** So many changes that come together make others go on while they are synced. Default: as many as everywhere. */
  crowd?: number;
  /** Whether it works until its standard input ends, or until nothing is left. */
  stay: boolean;
  /** It kills itself when it passes this point of a write, or has told this, for the so manieth time. */
  die?: { at: Moment; pass: number };
  /** It stops itself once: in its first execution, or in its first verification. */
  stopIn?: 'execution' | 'verification';
  /** It takes up again what was set aside because runners died with it. */
  finish?: boolean;
}
