import type { ModelState } from '../../claude/governor/state.ts';

/** What a running task is at: its executor works, its verifier judges, or it waits to be tried again. */
export type Phase = 'executing' | 'verifying' | 'waiting';

export interface RunningTask {
  id: string;
  description: string;
  /** 1 for the first. */
  attempt: number;
  phase: Phase;
  /** When it was claimed, in milliseconds since the epoch. */
  since: number;
  /** Id of the run that holds it, where there are several. */
  run?: string;
}

/** What is known of the work under way at one time, be it one run's or that of all runs on a store. */
export interface Board {
  /** The one that runs longest first. */
  running: RunningTask[];
  /** Tasks that there are to be done, those that have ended since `startedAt` included. */
  total: number;
  completed: number;
  failed: number;
  /** Tasks that were sent back at least once. */
  retried: number;
  /** Since when these are counted, in milliseconds since the epoch; undefined: no rate is known. */
  startedAt: number | undefined;
  /** Nothing new is begun: nobody knows how long the rest takes. */
  startsNothing?: boolean;
  /** What was paid, as a person reads it; undefined where nothing was. */
  cost: string | undefined;
  /** What is to be known besides, a sentence each: paused, what is waited for. */
  notes: string[];
  /** How the limits of the API are used. */
  limits: ModelState[];
}
