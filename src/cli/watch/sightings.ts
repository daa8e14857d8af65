import type { RunEvent } from '../../model/event.ts';
import { type Attempt, checkpointOf, type Task } from '../../model/task.ts';
import { AUDIT } from '../../model/transitions.ts';
import { SETTLING_MS } from '../../ports/survey.ts';

/** What is remembered of a task from one look at it to the next. */
export interface Mark {
  status: Task['status'];
  /** Attempts in its history that had an outcome. */
  closed: number;
  /** Of the lease, where it was held. */
  token: string | undefined;
  endedAt: string | undefined;
}

export function markOf(task: Task): Mark {
  return {
    status: task.status,
    closed: closedOf(task).length,
    token: task.lease?.token,
    endedAt: task.endedAt,
  };
}

/**
 * A task as it was at a time before, by its history: nobody held it then. @param at milliseconds since the epoch; what was changed just before may
 * not have been seen then.
 */
export function markAt(task: Task, at: number): Mark {
  const isBefore = (time: string | undefined) => time !== undefined && Date.parse(time) < at - SETTLING_MS;
  return {
    status: 'pending',
    closed: closedOf(task).filter(({ endedAt, startedAt }) => isBefore(endedAt ?? startedAt)).length,
    token: undefined,
    endedAt: isBefore(task.endedAt) ? task.endedAt : undefined,
  };
}

/**
 * What happened to a task since it was seen before, as events of the runs that did it; what its history does not keep is not known.
 * @param before undefined: it is seen for the first time, and only whether it runs is said. @param at the time of this look, for what
 * has no time of its own. ISO 8601.
 */
export function whatHappened(before: Mark | undefined, task: Task, at: string): RunEvent[] {
  if (!before) return task.lease ? [startOf(task)] : [];
  const news = closedOf(task).slice(before.closed);
  const isEnded = task.endedAt !== undefined && task.endedAt !== before.endedAt;
  const wasHeld = before.token !== undefined;
  const isNewlyHeld = task.lease !== undefined && task.lease.token !== before.token;
  const events = news.flatMap((attempt, i) => {
    const isEnd = isEnded && i === news.length - 1;
    // An audit's finding stands among the attempts, but nobody began it.
    const isBegun = attempt.run !== AUDIT && !(i === 0 && wasHeld);
    const start = isBegun ? [startedAt(attempt, task)] : [];
    return [...start, ...endOf(attempt, task, isEnd)];
  });
  if (isEnded && news.length === 0) events.push(...endOf(undefined, task, true));
  if (wasHeld && news.length === 0 && !isEnded && task.lease?.token !== before.token) {
    events.push({
      event: 'task:release',
      at,
      run: runOf(task),
      task,
      reason: 'its run gave it back, or is gone',
    });
  }
  return isNewlyHeld ? [...events, startOf(task)] : events;
}

function closedOf({ history }: Task): Attempt[] {
  return history.filter(({ outcome }) => outcome !== undefined);
}

/** By the claim that it is held by now. */
function startOf(task: Task): RunEvent {
  const { since, run } = task.lease ?? { since: task.createdAt, run: '' };
  const resumed = checkpointOf(task) !== undefined && task.history.at(-1)?.startedAt !== since;
  return { event: 'task:start', at: since, run, task, attempt: task.attempts + 1, resumed };
}

function startedAt({ startedAt, run, number }: Attempt, task: Task): RunEvent {
  return { event: 'task:start', at: startedAt, run, task, attempt: number, resumed: false };
}

/** @param isEnd the task ended with it. @param attempt undefined: it ended without one, as when it was cancelled. */
function endOf(attempt: Attempt | undefined, task: Task, isEnd: boolean): RunEvent[] {
  const at = (isEnd ? task.endedAt : attempt?.endedAt) ?? attempt?.startedAt ?? task.createdAt;
  const run = attempt?.run ?? runOf(task);
  const number = attempt?.number ?? task.attempts;
  const verdict = attempt?.verdict && { verdict: attempt.verdict };
  const head = { at, run, task };
  if (isEnd && task.status === 'completed')
    return [{ event: 'task:complete', ...head, attempt: number, ...verdict }];
  if (isEnd && task.status === 'failed') {
    const error = task.error ?? { kind: 'failed', message: 'no reason is known' };
    return [{ event: 'task:fail', ...head, attempt: task.attempts, error, ...verdict }];
  }
  const reason = attempt?.error ?? attempt?.verdict?.feedback ?? '';
  switch (attempt?.outcome) {
    case 'rejected':
    case 'failed':
      return [{ event: 'task:retry', ...head, attempt: number, cause: attempt.outcome, reason, ...verdict }];
    case 'interrupted':
      return [{ event: 'task:release', ...head, reason }];
    default:
      // It passed or could not be judged, and the task was taken back since.
      return [];
  }
}

/** The run that had it last. */
function runOf(task: Task): string {
  return task.lease?.run ?? task.history.at(-1)?.run ?? '';
}
