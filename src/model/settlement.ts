import type { Attempt, TaskError } from './task.ts';
import type { Usage } from './usage.ts';
import type { Verdict } from './verdict.ts';

/** An output as it is kept while its verdict is awaited. */
export type Checkpoint = Pick<Attempt, 'confidence' | 'usage' | 'metadata'> & { output: string };

/** Who judged it, and each verdict that led to the answer, as an attempt keeps both. */
export type JudgedBy = Pick<Attempt, 'judge' | 'evidence'>;

/** How one claim of a task came out. */
export type Outcome =
  /** It was judged. A verdict that passed with less than the minimum confidence is a rejection. */
  | ({ type: 'judged'; verdict: Verdict } & JudgedBy & Checkpoint)
  /** Nothing verifies it: the answer, or exit status 0, is the only evidence. */
  | ({ type: 'unjudged' } & Checkpoint)
  /** Its verifier could not tell, and is not asked again. */
  | ({ type: 'unverifiable'; reason: string } & JudgedBy & Checkpoint)
  /** The execution failed by itself. */
  | ({ type: 'failed' | 'permanent'; reason: string } & Partial<Checkpoint>)
  /** Cut short through no fault of the task's: aborted, refused by a limit, the run stopped. Not counted. */
  | ({ type: 'interrupted'; reason: string } & Pick<Checkpoint, 'usage' | 'metadata'>)
  /** Its runner died. `usage`: of calls that were under way. */
  | { type: 'crashed'; usage?: Usage | undefined }
  /** Somebody ended it. Likewise. */
  | { type: 'cancelled'; usage?: Usage | undefined };

export interface RetryPolicy {
  /** Attempts a task gets, if it has no limit of its own. */
  maxAttempts: number;
  /** `false`: the first rejection or failure ends a task. */
  retry: boolean;
  /** 0 to 1. */
  minConfidence: number;
}

/** How the open attempt is closed; without an `outcome` it stays open, as a checkpoint. */
export type Closing = Pick<
  Attempt,
  'outcome' | 'output' | 'confidence' | 'verdict' | 'evidence' | 'judge' | 'error' | 'usage' | 'metadata'
>;

/** What becomes of a claimed task. A release that cost nothing has no `attempt`: it leaves no trace. */
export type Settlement =
  | { status: 'completed'; result: string; verified: boolean; attempt: Closing }
  | { status: 'pending'; reason: string; attempt?: Closing; crashes?: number }
  | { status: 'failed'; error: TaskError; attempt: Closing; crashes?: number };

/** Why a result that had passed no longer holds: what its verifiers say now. */
export type Finding = JudgedBy & Pick<Attempt, 'usage'> & { verdict: Verdict };

/** Runners that may die with a task, without progress in between, before it is set aside. */
export const MAX_CRASHES = 3;
