import type { Counts, Task, TaskStatus } from '../model/task.ts';
import type { Usage } from '../model/usage.ts';

export interface SurveyRequest {
  /** Of each kind of tasks so many are given at most; the counts have all. */
  most: number;
  /** And so many of those in progress. Default: `most`. */
  mostRunning?: number | undefined;
  /** Of these tasks alone; what they wait for counts, whatever it is. */
  only?: ReadonlySet<string> | undefined;
  /** And of all that those come after, directly or not. */
  withEarlier?: boolean | undefined;
  /** From when on `done` counts. Milliseconds since the epoch; default: all that ever was. */
  doneSince?: number | undefined;
  /**
   * Is called with the tasks in progress, and those that ended at that time or later (milliseconds since the epoch; default: just now); with others
   * too, where the store does not know.
   */
  changed?: { since?: number | undefined; see(task: Task): void } | undefined;
}

/** A store at a glance. */
export interface Survey {
  /** When it was, by the store's clock: milliseconds since the epoch. */
  at: number;
  counts: Counts;
  /** Of the pending that are not blocked: those due later. */
  laterCount: number;
  /** Of the blocked: those that are blocked for good. */
  stuckCount: number;
  running: Task[];
  failed: Task[];
  /** Blocked for good. */
  stuck: Blocked[];
  /** The other blocked ones: they can still have their turn. */
  hopeful: Blocked[];
  /** Pending, not blocked, due now: in the order in which they are claimed. */
  ready: Task[];
  /** Pending, not blocked, due later: what is due first comes first. */
  later: Task[];
  /** Completed tasks that nothing verified. */
  unverified: number;
  /** Tasks that ended, or were sent back (by a verdict, or because an attempt failed), since `doneSince`; some stores count what the runs that live did. */
  done: { completed: number; failed: number; retried: number };
  usage?: Usage | undefined;
  /** By run: of those that live, at least. A run that is not there has done nothing. */
  works: ReadonlyMap<string, RunWork>;
}

/** A pending task that waits for others, and where those stand; one that is gone has no status. */
export interface Blocked {
  task: Task;
  waitsFor: { id: string; status?: TaskStatus | undefined }[];
  /** No task that runs, or could run, leads to it: it waits for a failed or vanished one, or in a circle. */
  forGood: boolean;
  /** The tasks, itself among them, that wait for each other in a circle. */
  circle?: string[];
}

/** What a run does, as the tasks tell it. */
export interface RunWork {
  /** Tasks that it holds. */
  held: number;
  /** Tasks that it ended, or sent back, as they stand. */
  completed: number;
  failed: number;
  retried: number;
  /** Of those, how many ended in the last `LATELY_MS`; some stores know it by the minute. */
  lately: number;
}

/** A change may be seen by so much later than the time that it bears, in milliseconds: whoever made it had to wait. */
export const SETTLING_MS = 10_000;

/** How far back a rate looks, in milliseconds. */
export const LATELY_MS = 300_000;

/** Tasks that could start now and are claimed before another one: of higher priority, and older ones of the same. */
export interface Ahead {
  higher: number;
  older: number;
}
