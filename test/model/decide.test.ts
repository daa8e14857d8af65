import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/model/decide.ts';
import type { Outcome, RetryPolicy } from '../../src/model/settlement.ts';
import type { Attempt, Task } from '../../src/model/task.ts';
import type { Verdict } from '../../src/model/verdict.ts';

const policy: RetryPolicy = { maxAttempts: 3, retry: true, minConfidence: 0.7 };
const pass = { passed: true, confidence: 0.9, feedback: 'good', issues: [] };
const unsure = { passed: true, confidence: 0.5, feedback: 'maybe', issues: [] };
const reject = { passed: false, confidence: 0.9, feedback: 'too short', issues: ['length'] };

const open: Attempt = { number: 1, run: 'run-1', startedAt: '2026-01-01T00:00:00.000Z' };
const rejected: Attempt = { ...open, outcome: 'rejected', output: 'old', verdict: reject };

function task(change: Partial<Task> = {}): Task {
  const base = { id: 'task-001', description: 'x', status: 'in_progress', attempts: 0, priority: 0 } as const;
  return { ...base, createdAt: '2026-01-01T00:00:00.000Z', history: [open], ...change };
}
const checkpointed = (change: Partial<Task> = {}) =>
  task({ history: [{ ...open, output: 'kept' }], ...change });

const judged = (verdict: Verdict, output = 'new'): Outcome => ({ type: 'judged', output, verdict });

describe('where a task goes from in_progress', () => {
  const rows: Array<[string, Task, Outcome, Partial<RetryPolicy>, string, string | undefined]> = [
    // what, task, outcome, policy, next status, error kind; then whether it counts is the attempt's outcome
    ['passed', task(), judged(pass), {}, 'completed', undefined],
    ['passed with too little confidence', task(), judged(unsure), {}, 'pending', undefined],
    [
      'passed with just enough confidence',
      task(),
      judged(unsure),
      { minConfidence: 0.5 },
      'completed',
      undefined,
    ],
    ['not verified', task(), { type: 'unjudged', output: 'o' }, {}, 'completed', undefined],
    ['rejected, attempts left', task(), judged(reject), {}, 'pending', undefined],
    ['rejected at the last attempt', task({ attempts: 2 }), judged(reject), {}, 'failed', 'rejected'],
    ['rejected, its own limit is lower', task({ maxAttempts: 1 }), judged(reject), {}, 'failed', 'rejected'],
    [
      'rejected, its own limit is higher',
      task({ attempts: 2, maxAttempts: 5 }),
      judged(reject),
      {},
      'pending',
      undefined,
    ],
    ['rejected without retry', task(), judged(reject), { retry: false }, 'failed', 'rejected'],
    [
      'rejected with the rejected output again',
      task({ attempts: 1, history: [rejected, open] }),
      judged(reject, 'old'),
      {},
      'failed',
      'repeated',
    ],
    [
      'rejected with the output of the attempt before the last',
      task({ attempts: 2, history: [rejected, { ...rejected, number: 2, output: 'other' }, open] }),
      judged(reject, 'old'),
      { maxAttempts: 9 },
      'failed',
      'repeated',
    ],
    [
      'rejected with an output of before a reset',
      task({ attempts: 0, history: [rejected, open] }),
      judged(reject, 'old'),
      {},
      'pending',
      undefined,
    ],
    [
      'the rejected output again, which passes now',
      task({ attempts: 1, history: [rejected, open] }),
      judged(pass, 'old'),
      {},
      'completed',
      undefined,
    ],
    ['failed, attempts left', task(), { type: 'failed', reason: 'r' }, {}, 'pending', undefined],
    [
      'failed at the last attempt',
      task({ attempts: 2 }),
      { type: 'failed', reason: 'r' },
      {},
      'failed',
      'failed',
    ],
    ['permanent', task(), { type: 'permanent', reason: 'r' }, {}, 'failed', 'permanent'],
    [
      'unverifiable',
      task(),
      { type: 'unverifiable', reason: 'r', output: 'o' },
      {},
      'failed',
      'unverifiable',
    ],
    ['interrupted', task(), { type: 'interrupted', reason: 'r' }, {}, 'pending', undefined],
    [
      'interrupted at the last attempt',
      task({ attempts: 2 }),
      { type: 'interrupted', reason: 'r' },
      {},
      'pending',
      undefined,
    ],
    ['first crash', task(), { type: 'crashed' }, {}, 'pending', undefined],
    ['second crash', task({ crashes: 1 }), { type: 'crashed' }, {}, 'pending', undefined],
    ['third crash', task({ crashes: 2 }), { type: 'crashed' }, {}, 'failed', 'crashed'],
    ['cancelled', task(), { type: 'cancelled' }, {}, 'failed', 'cancelled'],
  ];
  test.each(rows)('%s', (_, before, outcome, change, status, kind) => {
    const settlement = decide(before, outcome, { ...policy, ...change });
    const error = settlement.status === 'failed' ? settlement.error.kind : undefined;
    expect([settlement.status, error]).toEqual([status, kind]);
  });
});

test('what ended without being judged, and without failing by itself, is not counted', () => {
  const outcomes: Outcome[] = [
    { type: 'interrupted', reason: 'r' },
    { type: 'crashed' },
    { type: 'cancelled' },
  ];
  for (const outcome of outcomes) {
    expect(['interrupted', undefined]).toContain(decide(task(), outcome, policy).attempt?.outcome);
  }
});

test('a pass below the minimum confidence is a rejection that says so', () => {
  expect(decide(task(), judged(unsure), policy)).toMatchObject({
    reason: 'passed with confidence 0.5, below the minimum of 0.7: maybe',
    attempt: { outcome: 'rejected', output: 'new', verdict: { passed: false, unsure: true } },
  });
});

test('the output of a rejected attempt is kept, and of a passed one it becomes the result', () => {
  expect(decide(task(), judged(reject), policy).attempt).toMatchObject({ output: 'new', verdict: reject });
  const passed = decide(task(), judged(pass), policy);
  expect(passed).toMatchObject({ result: 'new', verified: true });
  expect(passed.attempt).not.toHaveProperty('output');
});

test('what nothing verified says so', () => {
  expect(decide(task(), { type: 'unjudged', output: 'o' }, policy)).toMatchObject({
    result: 'o',
    verified: false,
  });
});

test('an interrupted attempt leaves a checkpoint where it has output, a record where it cost money, else no trace', () => {
  const usage = { inputTokens: 1, outputTokens: 1 };
  const interrupted = (change: object): Outcome => ({ type: 'interrupted', reason: 'r', ...change });
  const metadata = { model: 'm' };
  expect(decide(checkpointed(), interrupted({ usage, metadata }), policy).attempt).toEqual({ usage });
  expect(decide(task(), interrupted({ usage, metadata }), policy).attempt).toEqual({
    outcome: 'interrupted',
    error: 'r',
    usage,
    metadata,
  });
  expect(decide(task(), interrupted({}), policy).attempt).toBeUndefined();
});

test('a crash during verification leaves the checkpoint open', () => {
  expect(decide(checkpointed(), { type: 'crashed' }, policy).attempt).toEqual({});
  expect(decide(task(), { type: 'crashed' }, policy).attempt).toMatchObject({ outcome: 'interrupted' });
});

test('no sequence of rejections gives a task more attempts than it has', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 20 }), (maxAttempts, attempts) => {
      const { status } = decide(task({ attempts }), judged(reject), { ...policy, maxAttempts });
      expect(status).toBe(attempts + 1 < maxAttempts ? 'pending' : 'failed');
    }),
  );
});
