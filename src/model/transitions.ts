import { bestAttempt } from './best-attempt.ts';
import { compact } from './compact.ts';
import { BASE64, isBinary, resultMetadata } from './encoding.ts';
import { closeAttempt, keepResult, openAttempt, resumed, withCheckpoint, withOpen } from './history.ts';
import type { Checkpoint, Closing, Finding, Settlement } from './settlement.ts';
import {
  type Attempt,
  checkpointOf,
  isCounted,
  type Lease,
  type NewTask,
  type Task,
  type TaskEdit,
} from './task.ts';
import { addUsage, type Usage } from './usage.ts';

/** How each change alters a task. Pure: the task that comes in stays as it was. What is decided elsewhere is applied here. */

/** One for all: a million tasks may wait, and none is changed in place. */
const NO_ATTEMPTS: Attempt[] = [];

export function created(task: NewTask, id: string, at: string): Task {
  return compact({
    id,
    description: task.description,
    status: 'pending',
    attempts: 0,
    maxAttempts: task.maxAttempts,
    priority: task.priority ?? 0,
    after: task.after?.length ? task.after : undefined,
    notBefore: task.notBefore,
    criteria: task.criteria,
    check: task.check,
    seal: task.seal,
    expect: task.expect,
    schema: task.schema,
    tags: task.tags?.length ? task.tags : undefined,
    metadata: task.metadata,
    filledFields: task.filledFields,
    createdAt: at,
    history: NO_ATTEMPTS,
  });
}

/** A checkpoint of an earlier run goes on as it is; otherwise a new attempt opens. */
export function claimed(task: Task, lease: Lease): Task {
  const attempt: Attempt = { number: task.attempts + 1, run: lease.run, startedAt: lease.since };
  return {
    ...task,
    status: 'in_progress',
    startedAt: task.startedAt ?? lease.since,
    history: checkpointOf(task)
      ? withOpen(task.history, (open) => resumed(open, lease.run))
      : [...task.history, attempt],
    lease,
  };
}

export function renewed(task: Task, expiresAt: string): Task {
  return task.lease ? { ...task, lease: { ...task.lease, expiresAt } } : task;
}

export function checkpointed(task: Task, checkpoint: Checkpoint): Task {
  const { crashes: _, ...progressed } = task;
  return { ...progressed, history: withOpen(task.history, (open) => compact({ ...open, ...checkpoint })) };
}

export function settled(task: Task, settlement: Settlement, at: string): Task {
  const { status, attempt } = settlement;
  const history = withOpen(task.history, (open) => closeAttempt(open, attempt, at));
  const counted = isCounted(attempt?.outcome);
  const closedNow = attempt?.outcome !== undefined && openAttempt(task.history) !== undefined;
  const attempts = task.attempts + (counted ? 1 : 0);
  return compact<Task>({
    ...task,
    status,
    attempts,
    history,
    // A release that leaves no trace has not started it.
    startedAt: status === 'pending' && history.length === 0 ? undefined : task.startedAt,
    usage: addUsage(task.usage, closedNow ? history.at(-1)?.usage : undefined),
    lease: undefined,
    endedAt: status === 'pending' ? undefined : at,
    error: undefined,
    best: status === 'failed' ? bestAttempt({ ...task, attempts, history })?.number : undefined,
    result: undefined,
    verified: undefined,
    confidence: undefined,
    ...ending(settlement),
    crashes: 'crashes' in settlement ? settlement.crashes : counted ? undefined : task.crashes,
  });
}

/** What an ended task says of its end. */
function ending(settlement: Settlement): Partial<Task> {
  if (settlement.status === 'pending') return {};
  if (settlement.status === 'failed') return { error: settlement.error };
  const { result, verified, attempt } = settlement;
  return { result, verified, confidence: attempt.verdict?.confidence ?? attempt.confidence };
}

/**
 * Back to pending, clean: the checkpoint is closed unjudged, and history alone remembers.
 * @param underWay of calls that were under way when its run died.
 */
export function resetTask(task: Task, at: string, underWay?: Usage): Task {
  const { result, startedAt, endedAt, error, best, verified, confidence, lease, crashes, ...tried } = task;
  const { feedback, earlierAttempts, ...kept } = tried;
  const usage = addUsage(openAttempt(task.history)?.usage, underWay);
  const closed = withOpen(task.history, (open) =>
    closeAttempt(open, { outcome: 'interrupted', error: 'reset', usage }, at),
  );
  return compact({
    ...kept,
    status: 'pending',
    attempts: 0,
    history: keepResult(closed, result),
    usage: addUsage(kept.usage, usage),
  });
}

/** By whom a result was rejected that had passed: it stands in the place of a run's id. */
export const AUDIT = 'audit';

/** A completed task goes back to pending, with its result as an attempt that was rejected: the next one is told why. */
export function reopened(task: Task, finding: Finding, at: string): Task {
  const { result: output, ...rest } = task;
  const clean = resetTask(rest, at);
  const attempt: Attempt = compact({
    number: 1,
    run: AUDIT,
    startedAt: at,
    endedAt: at,
    outcome: 'rejected',
    output,
    metadata: isBinary(resultMetadata(task)) ? { encoding: BASE64 } : undefined,
    ...finding,
  });
  return compact({
    ...clean,
    attempts: 1,
    history: [...clean.history, attempt],
    usage: addUsage(clean.usage, finding.usage),
  });
}

/**
 * An ended task back to pending for one more round: its attempts are kept, and what was wrong with them. An output that nobody
 * judged waits for its verdict again, unless somebody says what is to be better.
 */
export function retried(task: Task, feedback?: string): Task {
  const { result, endedAt, error, best, verified, confidence, lease, crashes, ...kept } = task;
  const history = feedback === undefined ? withCheckpoint(task.history) : task.history;
  return compact({
    ...kept,
    status: 'pending',
    feedback: feedback ?? task.feedback,
    earlierAttempts: task.attempts || undefined,
    history: keepResult(history, result),
  });
}

/** The task with what was changed. An output that waits for its verdict was given for another description: it is not judged by a new one. */
export function edited(task: Task, edit: TaskEdit, at: string): Task {
  const { metadata, ...fields } = edit;
  const isAnother = edit.description !== undefined && edit.description !== task.description;
  const dropped = isAnother ? checkpointOf(task) : undefined;
  const history = dropped
    ? withOpen(task.history, (open) => closeAttempt(open, { outcome: 'interrupted', error: 'edited' }, at))
    : task.history;
  const present = Object.entries(fields).map(([key, value]) => [key, isNothing(value) ? undefined : value]);
  return compact<Task>({
    ...task,
    ...(Object.fromEntries(present) as Partial<Task>),
    metadata: metadata === undefined ? task.metadata : patched(task.metadata, metadata),
    history,
    usage: addUsage(task.usage, dropped?.usage),
  });
}

function isNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function patched(
  metadata: Record<string, unknown> = {},
  patch: Record<string, unknown> | null,
): Record<string, unknown> | undefined {
  const entries = Object.entries({ ...metadata, ...patch }).filter(([, value]) => value !== null);
  return patch === null || entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/**
 * As it comes into another store: nobody holds it. What was in progress is pending, and its open attempt is closed as interrupted, at
 * its start because its end is not known. An output that waits for its verdict goes on waiting: it is paid for.
 */
export function unclaimed(task: Task): Task {
  if (task.status !== 'in_progress') return task.lease ? compact<Task>({ ...task, lease: undefined }) : task;
  const attempt: Closing = checkpointOf(task) ? {} : { outcome: 'interrupted', error: 'imported' };
  const at = openAttempt(task.history)?.startedAt ?? task.createdAt;
  return settled(task, { status: 'pending', reason: 'imported', attempt }, at);
}
