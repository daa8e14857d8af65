import type { Attempt, TaskError } from './task.ts';
import type { Verdict } from './verdict.ts';

/** An output as it is kept while its verdict is awaited. */
export type Checkpoint = Pick<Attempt, 'confidence' | 'usage' | 'metadata'> & { output: string };

/** How one claim of a task came out. */
export type Outcome =
  /** It was judged. A verdict that passed with less than the minimum confidence is a rejection. */
  | ({ type: 'judged'; verdict: Verdict } & Checkpoint)
  /** Nothing verifies it: the answer, or exit status 0, is the only evidence. */
  | ({ type: 'unjudged' } & Checkpoint)
  /** Its verifier could not tell, and is not asked again. */
  | ({ type: 'unverifiable'; reason: string } & Checkpoint)
  /** The execution failed by itself. */
  | ({ type: 'failed' | 'permanent'; reason: string } & Partial<Checkpoint>)
  /** Cut short through no fault of the task's: aborted, refused by a limit, the run stopped. Not counted. */
  | ({ type: 'interrupted'; reason: string } & Partial<Checkpoint>)
  /** Its runner died. */
  | { type: 'crashed' }
  /** Somebody ended it. */
  | { type: 'cancelled' };

export interface RetryPolicy {
  /** Attempts a task gets, if it has no limit of its own. */
  maxAttempts: number;
  /** `false`: the first rejection or failure ends a task. */
  retry: boolean;
  /** 0 to 1. */
  minConfidence: number;
}

/** What becomes of a claimed task. */
export interface Settlement {
  status: 'completed' | 'pending' | 'failed';
  /** Closes the open attempt; without an `outcome` the attempt stays open, as a checkpoint. Absent: it leaves no trace. */
  attempt?: Pick<Attempt, 'outcome' | 'output' | 'confidence' | 'verdict' | 'error' | 'usage' | 'metadata'>;
  /** Why it goes back, or failed. */
  reason?: string;
  error?: TaskError;
  result?: string;
  verified?: boolean;
  crashes?: number;
}

/** Runners that may die with a task, without progress in between, before it is set aside. */
export const MAX_CRASHES = 3;
