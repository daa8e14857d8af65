import { ATTEMPT_OUTCOMES, TASK_ERROR_KINDS, TASK_STATUSES } from '../model/task.ts';
import {
  type Check,
  isBoolean,
  isCount,
  isListOf,
  isNumber,
  isObject,
  isOneOf,
  isRecord,
  isShare,
  isString,
  isTime,
  Mismatch,
} from './shape.ts';
import { isTaskId } from './task-ids.ts';

const isId: Check = (value) => {
  isString(value);
  if (isTaskId(String(value))) return;
  throw new Mismatch('an id has 1 to 64 letters, digits, dots, underscores and hyphens');
};

const isUsage = isRecord(
  { inputTokens: isNumber, outputTokens: isNumber },
  { cacheReadTokens: isNumber, cacheWriteTokens: isNumber, costUsd: isNumber },
);

const isVerdict = isRecord({
  passed: isBoolean,
  confidence: isShare,
  feedback: isString,
  issues: isListOf(isString),
});

const isAttempt = isRecord(
  { number: isCount(1), run: isString, startedAt: isTime },
  {
    endedAt: isTime,
    outcome: isOneOf(ATTEMPT_OUTCOMES),
    output: isString,
    confidence: isShare,
    verdict: isVerdict,
    error: isString,
    usage: isUsage,
    metadata: isObject,
  },
);

const isLease = isRecord({
  taskId: isString,
  run: isString,
  token: isString,
  since: isTime,
  expiresAt: isTime,
});

/** The fields a task may leave out. */
const OPTIONAL = {
  result: isString,
  maxAttempts: isCount(1),
  after: isListOf(isString),
  notBefore: isTime,
  criteria: isString,
  check: isString,
  tags: isListOf(isString),
  metadata: isObject,
  startedAt: isTime,
  endedAt: isTime,
  error: isRecord({ kind: isOneOf(TASK_ERROR_KINDS), message: isString }),
  verified: isBoolean,
  confidence: isShare,
  usage: isUsage,
  lease: isLease,
  crashes: isCount(0),
};

export const OPTIONAL_FIELDS: readonly string[] = Object.keys(OPTIONAL);

/** A task as it is kept. Fields that are none of ours are let through, and kept. */
export const isTask = isRecord(
  {
    id: isId,
    description: isString,
    status: isOneOf(TASK_STATUSES),
    attempts: isCount(0),
    priority: isNumber,
    createdAt: isTime,
    history: isListOf(isAttempt),
  },
  OPTIONAL,
);
