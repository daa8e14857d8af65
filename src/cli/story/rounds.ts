import { type Attempt, isCounted, type Task } from '../../model/task.ts';
import { AUDIT } from '../../model/transitions.ts';

/** How an attempt came to be, where there is something to say of it. */
export type Beginning =
  /** The task was reset: it was started over. */
  | 'reset'
  /** The task was given one more round. */
  | 'retry'
  /** Its output was there already: it was verified again, and not done again. */
  | 'verify'
  /** It is no attempt of a run: an audit found that the result no longer holds. */
  | 'audit';

/** For each attempt of a task what began with it. */
export function beginningsOf({ history, earlierAttempts }: Task): (Beginning | undefined)[] {
  const found = history.map((attempt, i) => beginningOf(attempt, history[i - 1]));
  if (earlierAttempts === undefined) return found;
  let start = history.length;
  while (start > 0 && history[start - 1]!.number > earlierAttempts) start--;
  // An output that nobody could judge, and the same as it waits for its verdict again.
  if (found[start + 1] === 'verify') start++;
  if (start < history.length) found[start] = found[start] ?? 'retry';
  return found;
}

function beginningOf(attempt: Attempt, before: Attempt | undefined): Beginning | undefined {
  if (attempt.run === AUDIT) return 'audit';
  if (!before) return undefined;
  if (before.error === 'reset') return 'reset';
  if (attempt.number <= before.number && isCounted(before.outcome)) return 'reset';
  if (attempt.number < before.number) return 'reset';
  return isSameOutput(attempt, before) ? 'verify' : undefined;
}

/** As `retried` of model/transitions.ts leaves them: the output moved on to a new entry, which began when the last one ended. */
function isSameOutput(attempt: Attempt, before: Attempt): boolean {
  const wasUnjudged = before.outcome === 'unverifiable' || before.outcome === 'interrupted';
  return wasUnjudged && before.output === undefined && attempt.startedAt === before.endedAt;
}
