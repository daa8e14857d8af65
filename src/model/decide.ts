import { type Closing, MAX_CRASHES, type Outcome, type RetryPolicy, type Settlement } from './settlement.ts';
import { attemptsSinceReset, checkpointOf, type Task, type TaskError, type TaskErrorKind } from './task.ts';
import { addUsage, type Usage } from './usage.ts';
import type { Verdict } from './verdict.ts';

/**
 * Where a task goes from `in_progress`: the one place that decides it. Pure.
 *
 * | outcome                                | next      | counted |
 * |----------------------------------------|-----------|---------|
 * | judged: passed, sure enough; unjudged  | completed | yes     |
 * | judged: rejected; failed               | pending, or failed when nothing is left | yes |
 * | judged: rejected with the same output as before | failed: repeated | yes |
 * | permanent                              | failed    | yes     |
 * | unverifiable                           | failed    | no      |
 * | interrupted                            | pending   | no      |
 * | crashed                                | pending; failed at the third | no |
 * | cancelled                              | failed    | no      |
 */
export function decide(task: Task, outcome: Outcome, policy: RetryPolicy): Settlement {
  switch (outcome.type) {
    case 'judged':
      return judged(task, outcome, policy);
    case 'unjudged': {
      const { output, confidence, usage, metadata } = outcome;
      return {
        status: 'completed',
        result: output,
        verified: false,
        attempt: { outcome: 'passed', confidence, usage, metadata },
      };
    }
    case 'unverifiable': {
      const { type, reason, ...kept } = outcome;
      return end(type, reason, { ...kept, outcome: 'unverifiable', error: reason });
    }
    case 'permanent': {
      const { type, reason, ...kept } = outcome;
      return end(type, reason, { ...kept, outcome: 'failed', error: reason });
    }
    case 'failed': {
      const { type, reason, ...kept } = outcome;
      const closing: Closing = { ...kept, outcome: 'failed', error: reason };
      return tryAgain(task, policy, { kind: type, message: reason }, closing);
    }
    case 'interrupted': {
      const { type: _, reason, ...kept } = outcome;
      return { status: 'pending', reason, attempt: interrupted(task, reason, kept) };
    }
    case 'crashed':
      return crashed(task, outcome.usage);
    case 'cancelled':
      return end('cancelled', 'cancelled', {
        outcome: 'interrupted',
        error: 'cancelled',
        ...withOpen(task, outcome.usage),
      });
  }
}

function judged(task: Task, outcome: Outcome & { type: 'judged' }, policy: RetryPolicy): Settlement {
  const { type: _, verdict, output, ...kept } = outcome;
  if (verdict.passed && verdict.confidence >= policy.minConfidence) {
    return {
      status: 'completed',
      result: output,
      verified: true,
      attempt: { ...kept, verdict, outcome: 'passed' },
    };
  }
  const rejected = verdict.passed ? tooUnsure(verdict, policy.minConfidence) : verdict;
  const attempt: Closing = { ...kept, output, verdict: rejected, outcome: 'rejected' };
  const before = attemptsSinceReset(task).find(
    (past) => past.outcome === 'rejected' && past.output === output,
  );
  if (before) {
    const message = `attempt ${task.attempts + 1} gave the rejected output of attempt ${before.number} again: ${rejected.feedback}`;
    return end('repeated', message, attempt);
  }
  return tryAgain(task, policy, { kind: 'rejected', message: rejected.feedback }, attempt);
}

function tooUnsure(verdict: Verdict, minimum: number): Verdict {
  const doubt = `passed with confidence ${verdict.confidence}, below the minimum of ${minimum}`;
  const feedback = verdict.feedback ? `${doubt}: ${verdict.feedback}` : doubt;
  return { ...verdict, passed: false, unsure: true, feedback };
}

function tryAgain(task: Task, policy: RetryPolicy, error: TaskError, attempt: Closing): Settlement {
  const made = task.attempts + 1 - (task.earlierAttempts ?? 0);
  const left = (task.maxAttempts ?? policy.maxAttempts) - made;
  if (!policy.retry || left <= 0) return end(error.kind, error.message, attempt);
  return { status: 'pending', reason: error.message, attempt };
}

function end(kind: TaskErrorKind, message: string, attempt: Closing): Settlement {
  return { status: 'failed', error: { kind, message }, attempt };
}

/** What was paid for stays: an output as a checkpoint, usage alone as an entry that says what it went for, and to whom. */
function interrupted(
  task: Task,
  reason: string,
  { usage, metadata }: Pick<Closing, 'usage' | 'metadata'>,
): Closing | undefined {
  if (checkpointOf(task)) return { usage };
  return usage && { outcome: 'interrupted', error: reason, usage, metadata };
}

/** What an open attempt used, with that of calls that were under way when it was ended from outside. */
function withOpen(task: Task, underWay: Usage | undefined): { usage?: Usage | undefined } {
  return underWay ? { usage: addUsage(checkpointOf(task)?.usage, underWay) } : {};
}

function crashed(task: Task, underWay: Usage | undefined): Settlement {
  const crashes = (task.crashes ?? 0) + 1;
  const reason = 'its runner died';
  const used = withOpen(task, underWay);
  const cut = { outcome: 'interrupted', error: reason, ...used } as const;
  if (crashes < MAX_CRASHES) {
    return { status: 'pending', reason, crashes, attempt: checkpointOf(task) ? used : cut };
  }
  const message = `${crashes} runners died with it, one after the other`;
  return { status: 'failed', error: { kind: 'crashed', message }, crashes, attempt: cut };
}
