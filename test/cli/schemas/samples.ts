import type { ModelState, WaitReason } from '../../../src/claude/governor/state.ts';
import type { StatusDocument } from '../../../src/cli/status-document.ts';
import type { OrchErrorCode } from '../../../src/model/errors.ts';
import type { EventName, RetryCause, RunEvent, StopReason } from '../../../src/model/event.ts';
import type { FailureKind } from '../../../src/model/failure.ts';
import { ATTEMPT_OUTCOMES, TASK_ERROR_KINDS, TASK_STATUSES, type Task } from '../../../src/model/task.ts';
import type { Gauge } from '../../../src/ports/safety-check.ts';
import type { RunCommand } from '../../../src/ports/task-store.ts';

/**
 * Documents in which every field has a value. The types see to that: a field that is added to one of them is missing here, and when it is
 * here, the schema does not know it.
 */
type Whole<T> = T extends readonly (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? string extends keyof T
      ? T
      : { [K in keyof T]-?: Whole<T[K]> }
    : T;

const AT = '2026-11-25T10:00:00.000Z';

const usage: Whole<NonNullable<Task['usage']>> = {
  ...{
    inputTokens: 1,
    outputTokens: 2,
    cacheReadTokens: 3,
    cacheWriteTokens: 4,
    costUsd: 0.5,
    possibleUsd: 0.25,
  },
};

const verdict = {
  ...{
    passed: false,
    confidence: 0.5,
    feedback: 'no',
    issues: ['one'],
    unsure: true as const,
    tampered: ['x'],
  },
};

const metadata = { model: 'm' };
const evidence = [{ verifier: 'judge', ...verdict, metadata }];

const attempt: Whole<Task['history'][number]> = {
  ...{
    number: 1,
    run: 'run-1',
    resumedBy: 'run-2',
    startedAt: AT,
    endedAt: AT,
    outcome: 'rejected',
    output: 'x',
    confidence: 1,
  },
  ...{ verdict, evidence, judge: metadata, error: 'e', usage, metadata },
};

/** A task with all that one can have, though no task has it at once. */
export const task: Whole<Task> = {
  ...{ id: 'task-001', description: 'x', status: 'failed', result: 'r', attempts: 1, earlierAttempts: 1 },
  ...{ maxAttempts: 3, priority: -1, after: ['a'], notBefore: AT, criteria: 'c', check: 'true', expect: 'x' },
  ...{
    filledFields: ['q'],
    seal: { check: 'ff', files: { 'a.sh': 'ff' } },
    schema: { type: 'object' },
    tags: ['t'],
    metadata: { n: 1 },
  },
  ...{
    feedback: 'f',
    createdAt: AT,
    startedAt: AT,
    endedAt: AT,
    error: { kind: 'failed', message: 'm' },
    best: 1,
  },
  ...{ verified: false, confidence: 1, usage, history: [attempt], crashes: 1 },
  lease: { taskId: 'task-001', run: 'run-1', token: 't', since: AT, expiresAt: AT },
};

const pool = { spentUsd: 1, reservedUsd: 2, capUsd: 3, unpriced: true as const };
const failure = { kind: 'transient' as const, message: 'm', retryAfterMs: 1, resumeAt: AT, silentMs: 1 };
const stopReason: Whole<StopReason> = { kind: 'unavailable', message: 'm', resumeAt: AT };
const stats = {
  ...{ processed: 1, completed: 1, failed: 0, retried: 0, attempts: 1, elapsedSeconds: 0.1, successRate: 1 },
  ...{ usage, costUsd: 0.5, dueAt: AT, stopReason },
};
const verifier = { usage, metadata, evidence, isCheck: true as const };

type Fields<N extends EventName> = Omit<Whole<RunEvent<N>>, 'event' | 'at' | 'run'>;

/** What each event holds, in all its forms. */
const EVENTS: { [N in EventName]: Fields<N>[] } = {
  'run:start': [{ concurrency: 4, others: 0, credentials: 'ANTHROPIC_API_KEY' }],
  'task:start': [{ task, attempt: 1, resumed: true }],
  'task:execute': [
    { task, attempt: 1, result: { success: true, output: 'x', confidence: 1, usage, metadata } },
    { task, attempt: 1, result: { success: false, error: failure, output: 'x', usage, metadata } },
    {
      ...{ task, attempt: 1 },
      result: { success: false, error: { ...failure, retryAfterMs: Infinity }, output: '', usage, metadata },
    },
  ],
  'task:verify': [
    { task, attempt: 1, verification: { ...verdict, ...verifier } },
    { task, attempt: 1, verification: { inconclusive: true, reason: 'r', silentMs: 1, ...verifier } },
    { task, attempt: 1, verification: { error: failure, ...verifier } },
  ],
  'task:retry': [{ task, attempt: 1, cause: 'rejected', reason: 'r', verdict, delayMs: 5 }],
  'task:complete': [{ task, attempt: 1, verdict }],
  'task:fail': [{ task, attempt: 1, error: task.error, verdict }],
  'task:release': [{ task, reason: 'r' }],
  'task:lost': [{ task, reason: 'r' }],
  'task:cost-warning': [{ task, attempt: 1, spentUsd: 1, limitUsd: 2 }],
  'budget:warning': [{ pool }],
  'budget:wait': [{ pool, reason: 'r' }],
  'budget:resume': [{}],
  'run:wait': [{ dueAt: AT }],
  'safety:trip': [{ reason: 'r' }],
  'run:pause': [{}],
  'run:resume': [{}],
  'run:end': [{ stats }],
};

export const EVENT_NAMES = Object.keys(EVENTS) as EventName[];

export const events: RunEvent[] = EVENT_NAMES.flatMap((event) =>
  EVENTS[event].map((fields) => ({ event, at: AT, run: 'run-1', ...fields }) as RunEvent),
);

const limit = { perMinute: 600, left: 1, used: 2 };

export const modelState: Whole<ModelState> = {
  model: 'm',
  limits: { requests: limit, inputTokens: limit, outputTokens: limit },
  ...{ inFlight: 1, waiting: 2, waitsFor: 'requests', until: Date.parse(AT) },
};

export const status: Whole<StatusDocument> = {
  counts: { pending: 1, in_progress: 0, completed: 1, failed: 1, blocked: 1, total: 3 },
  ...{ unverified: 1, usage, pool, tasks: [] },
  runs: [
    {
      ...{
        id: 'run-1',
        pid: 1,
        host: 'h',
        version: '1.2.3',
        startedAt: AT,
        maxCostUsd: 1,
        selective: true,
        service: 's',
        told: 'pause',
      },
      safety: {
        near: [{ what: 'w', used: 1, limit: 2, unit: 'ms' }],
        leftOut: { count: 1, reason: 'r' },
        tripped: 't',
      },
      limits: { m: { requests: { perMinute: 1, most: 2 } } },
      holds: { m: AT },
      ...{ held: 1, completed: 2, failed: 0, perMinute: 0.5 },
    },
  ],
  lastStop: { ...stopReason, run: 'run-1', at: AT },
};

/** Words of which a field is one, as the code has them. */
const causes: Record<RetryCause, true> = {
  rejected: true,
  failed: true,
  transient: true,
  inconclusive: true,
};
const kinds: Record<FailureKind, true> = { failed: true, transient: true, permanent: true, fatal: true };
const told: Record<RunCommand, true> = { pause: true, resume: true, stop: true, trip: true };
const stops: Record<StopReason['kind'], true> = {
  ...{ stopped: true, limit: true, failed: true, safety: true, fatal: true, unavailable: true },
};
const waits: Record<WaitReason, true> = {
  ...{ requests: true, 'input tokens': true, 'output tokens': true },
  ...{ 'retry-after': true, overload: true, 'first answer': true },
};
const codes: Record<OrchErrorCode | 'defect', true> = {
  ...{ usage: true, 'not-found': true, conflict: true, 'store-missing': true, 'store-unusable': true },
  ...{ 'lease-lost': true, defect: true },
};
const units: Record<NonNullable<Gauge['unit']>, true> = { ms: true, share: true, usd: true };

/** By the place of the field in its schema. */
export const WORDS: Record<string, readonly string[]> = {
  'task#/$defs/fields/properties/status': TASK_STATUSES,
  'task#/$defs/attempt/properties/outcome': ATTEMPT_OUTCOMES,
  'task#/$defs/error/properties/kind': TASK_ERROR_KINDS,
  'error#/properties/error/properties/code': Object.keys(codes),
  'event#/properties/event': [...EVENT_NAMES, 'api:limit'],
  'event#/$defs/task:retry/properties/cause': Object.keys(causes),
  'event#/$defs/failure/properties/kind': Object.keys(kinds),
  'event#/$defs/api:limit/properties/waitsFor': Object.keys(waits),
  'status#/$defs/run/properties/told': Object.keys(told),
  'status#/$defs/stop/properties/kind': Object.keys(stops),
  'status#/$defs/gauge/properties/unit': Object.keys(units),
};
