import { expect, test } from 'vitest';
import { isAnswer, type NextStep, nextStep } from '../../src/core/next-step.ts';
import type { FailureKind } from '../../src/model/failure.ts';
import type { Verification } from '../../src/model/result.ts';

const judge = { model: 'a' };
const verdict = { passed: false, confidence: 0.9, feedback: 'too short', issues: [] };
const evidence = [{ verifier: 'judge', ...verdict }];
const said = { metadata: judge, evidence };
const usage = { inputTokens: 1, outputTokens: 1 };

function failed(kind: FailureKind): Verification {
  return { error: { kind, message: 'no' }, usage, ...said };
}

function unclear(silentMs?: number): Verification {
  return {
    inconclusive: true,
    reason: 'who knows',
    usage,
    ...said,
    ...(silentMs !== undefined && { silentMs }),
  };
}

interface Row {
  given: string;
  verification: Verification;
  /** How often it could not tell before. Default: never. */
  before?: number;
  /** How long ago the service answered something, in milliseconds. Default: it never did. */
  answeredAgo?: number;
  step: NextStep;
}

const waiting = (silentMs: number): NextStep => ({
  type: 'wait',
  failure: { kind: 'failed', message: 'who knows', silentMs },
});
const asked: NextStep = { type: 'unclear', reason: 'who knows' };
const unverifiable: NextStep = { type: 'unverifiable', reason: 'who knows', judge, evidence };

const ROWS: Row[] = [
  {
    given: 'a verdict, whatever else came with it',
    verification: { ...verdict, usage, isCheck: true, ...said },
    before: 2,
    step: { type: 'judged', verdict, judge, evidence },
  },
  {
    given: 'a transient failure',
    verification: failed('transient'),
    step: { type: 'wait', failure: { kind: 'transient', message: 'no' } },
  },
  {
    given: 'a fatal failure',
    verification: failed('fatal'),
    step: { type: 'wait', failure: { kind: 'fatal', message: 'no' } },
  },
  {
    given: 'a permanent failure',
    verification: failed('permanent'),
    step: { type: 'unverifiable', reason: 'no', judge, evidence },
  },
  { given: 'it could not tell', verification: unclear(), step: asked },
  { given: 'it could not tell, the second time', verification: unclear(), before: 1, step: asked },
  { given: 'it could not tell, the third time', verification: unclear(), before: 2, step: unverifiable },
  {
    given: 'silence of a service that never answered',
    verification: unclear(50),
    before: 2,
    step: waiting(50),
  },
  {
    given: 'silence, and the last answer was before it',
    verification: unclear(50),
    answeredAgo: 60,
    before: 2,
    step: waiting(50),
  },
  {
    given: 'silence, and another was answered meanwhile',
    verification: unclear(50),
    answeredAgo: 40,
    step: asked,
  },
  {
    given: 'the same, the third time',
    verification: unclear(50),
    answeredAgo: 40,
    before: 2,
    step: unverifiable,
  },
  { given: 'too late, and some of an answer had come', verification: unclear(0), step: asked },
];

test.each(ROWS)('$given', ({ verification, before = 0, answeredAgo = Number.POSITIVE_INFINITY, step }) => {
  expect(nextStep(verification, before, (ms) => answeredAgo < ms)).toStrictEqual(step);
});

test.each<[boolean, Verification]>([
  [true, verdict],
  [true, unclear()],
  [true, failed('permanent')],
  [true, failed('fatal')],
  [false, failed('transient')],
  [false, unclear(0)],
  [false, unclear(50)],
])('whether the service answers: %s, with %j', (answers, verification) => {
  expect(isAnswer(verification)).toBe(answers);
});
