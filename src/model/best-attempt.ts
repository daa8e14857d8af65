import { outputBytes, resultMetadata } from './encoding.ts';
import { type Attempt, attemptsSinceReset, type Task } from './task.ts';
import type { Verdict } from './verdict.ts';

/**
 * The attempt that came closest, where none passed. The first of these that there is:
 * - the last attempt, where nobody rejected its output: it waits for its verdict, or its verifier could not tell
 * - of those that were rejected since the task was added or reset: the one with the fewest issues; of several such, the
 *   one whose verdict leaves the most hope; then the later one
 * - the last one that failed by itself and left an output
 */
export function bestAttempt(task: Task): Attempt | undefined {
  const last = task.history.at(-1);
  if (last && hasOutput(last) && last.outcome !== 'rejected' && last.outcome !== 'failed') return last;
  const tried = attemptsSinceReset(task).filter(hasOutput);
  return tried.filter(isRejected).sort(byMerit).at(-1) ?? tried.at(-1);
}

/** The output to take of a task whether it passed or not: its result, the best attempt's, or what was left before a reset. */
export function bestOutput(task: Task): string | undefined {
  return task.result ?? bestAttempt(task)?.output ?? task.history.findLast(hasOutput)?.output;
}

/** What its executor said beside that output, such as its encoding. */
export function bestMetadata(task: Task): Attempt['metadata'] {
  if (task.result !== undefined) return resultMetadata(task);
  return (bestAttempt(task) ?? task.history.findLast(hasOutput))?.metadata;
}

/** The output as bytes. */
export function bestBytes(task: Task): Buffer | undefined {
  const output = bestOutput(task);
  return output === undefined ? undefined : outputBytes(output, bestMetadata(task));
}

type Rejected = Attempt & { verdict: Verdict };

function hasOutput(attempt: Attempt): boolean {
  return attempt.output !== undefined;
}

function isRejected(attempt: Attempt): attempt is Rejected {
  return attempt.outcome === 'rejected' && attempt.verdict !== undefined;
}

/** The better one comes last. */
function byMerit(a: Rejected, b: Rejected): number {
  return faults(b.verdict) - faults(a.verdict) || hope(a.verdict) - hope(b.verdict);
}

/** A rejection that names no issue is about one. */
function faults({ unsure, issues }: Verdict): number {
  return unsure ? issues.length : Math.max(issues.length, 1);
}

/** How likely the result is right after all, as the verifier sees it: 0 to 1. */
function hope({ unsure, confidence }: Verdict): number {
  return unsure ? confidence : 1 - confidence;
}
