import { ATTEMPT_OUTCOMES, TASK_ERROR_KINDS, TASK_STATUSES } from '../model/task.ts';
import {
  type Check,
  isAmount,
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
  { inputTokens: isAmount, outputTokens: isAmount },
  { cacheReadTokens: isAmount, cacheWriteTokens: isAmount, costUsd: isAmount, possibleUsd: isAmount },
);

const isVerdict = isRecord(
  { passed: isBoolean, confidence: isShare, feedback: isString, issues: isListOf(isString) },
  { unsure: isBoolean, tampered: isListOf(isString) },
);

const isEvidence = isRecord(
  {
    verifier: isString,
    passed: isBoolean,
    confidence: isShare,
    feedback: isString,
    issues: isListOf(isString),
  },
  { metadata: isObject, tampered: isListOf(isString) },
);

/** What comes of an attempt. */
const FINDINGS = {
  outcome: isOneOf(ATTEMPT_OUTCOMES),
  output: isString,
  confidence: isShare,
  verdict: isVerdict,
  evidence: isListOf(isEvidence),
  judge: isObject,
  error: isString,
  usage: isUsage,
  metadata: isObject,
};

export const isFindings = isRecord({}, FINDINGS);

const isAttempt = isRecord(
  { number: isCount(1), run: isString, startedAt: isTime },
  { resumedBy: isString, endedAt: isTime, ...FINDINGS },
);

const isLease = isRecord({
  taskId: isString,
  run: isString,
  token: isString,
  since: isTime,
  expiresAt: isTime,
});

const isSeal = isRecord({ check: isString }, { files: isObject });

/** What whoever adds a task may say of it. */
const WISHES = {
  maxAttempts: isCount(1),
  after: isListOf(isString),
  notBefore: isTime,
  criteria: isString,
  check: isString,
  seal: isSeal,
  expect: isString,
  schema: isObject,
  tags: isListOf(isString),
  metadata: isObject,
  filledFields: isListOf(isString),
};

/** What its end says of a task. */
const ENDING = {
  result: isString,
  error: isRecord({ kind: isOneOf(TASK_ERROR_KINDS), message: isString }),
  verified: isBoolean,
  crashes: isCount(0),
};

/** The fields a task may leave out. */
const OPTIONAL = {
  ...WISHES,
  ...ENDING,
  feedback: isString,
  earlierAttempts: isCount(0),
  startedAt: isTime,
  endedAt: isTime,
  best: isCount(1),
  confidence: isShare,
  usage: isUsage,
  lease: isLease,
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

/** A task as it is added. */
export const isNewTask = isRecord({ description: isString }, { id: isId, priority: isNumber, ...WISHES });
export const NEW_TASK_FIELDS: readonly string[] = ['id', 'description', 'priority', ...Object.keys(WISHES)];

/** The end of a claim, but for what came of the attempt. */
export const isEnding = isRecord({ status: isOneOf(TASK_STATUSES) }, ENDING);
