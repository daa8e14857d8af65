import { expect, test } from 'vitest';
import { soundExecution, soundVerification } from '../../src/core/answers.ts';

const passed = { passed: true, confidence: 1, feedback: 'fine', issues: [] };

test.each<[string, unknown, unknown]>([
  [
    'a whole one',
    { success: true, output: 'o', confidence: 0.5 },
    { success: true, output: 'o', confidence: 0.5 },
  ],
  ['an odd confidence', { success: true, output: 'o', confidence: 85 }, { success: true, output: 'o' }],
  [
    'a confidence that is no number',
    { success: true, output: 'o', confidence: Number.NaN },
    { success: true, output: 'o' },
  ],
  ['metadata that is none', { success: true, output: 'o', metadata: 'x' }, { success: true, output: 'o' }],
  [
    'metadata that is no JSON',
    { success: true, output: 'o', metadata: { a: 1n } },
    { success: true, output: 'o' },
  ],
  [
    'a part of a usage',
    { success: true, output: 'o', usage: { costUsd: 0.1 } },
    { success: true, output: 'o', usage: { inputTokens: 0, outputTokens: 0, costUsd: 0.1 } },
  ],
  [
    'a usage that is no number',
    { success: true, output: 'o', usage: { inputTokens: Number.NaN, outputTokens: '5' } },
    { success: true, output: 'o', usage: { inputTokens: 0, outputTokens: 0 } },
  ],
  [
    'a usage below nothing',
    { success: true, output: 'o', usage: { inputTokens: -1, outputTokens: 1 } },
    { success: true, output: 'o', usage: { inputTokens: 0, outputTokens: 1 } },
  ],
  ...[Number.POSITIVE_INFINITY, Number.NaN, -1, '0.1'].map((costUsd): [string, unknown, unknown] => [
    `a cost of ${costUsd}, which is unknown and not 0`,
    { success: true, output: 'o', usage: { inputTokens: 1, outputTokens: 1, costUsd, possibleUsd: costUsd } },
    { success: true, output: 'o', usage: { inputTokens: 1, outputTokens: 1 } },
  ]),
  [
    'what may have been billed',
    { success: true, output: 'o', usage: { inputTokens: 1, outputTokens: 1, costUsd: 0, possibleUsd: 2 } },
    { success: true, output: 'o', usage: { inputTokens: 1, outputTokens: 1, costUsd: 0, possibleUsd: 2 } },
  ],
  [
    'metadata that JSON makes something else of',
    { success: true, output: 'o', metadata: new Date(0) },
    { success: true, output: 'o' },
  ],
  [
    'a wait below nothing',
    { success: false, error: { kind: 'transient', message: 'm', retryAfterMs: -1 } },
    { success: false, error: { kind: 'transient', message: 'm' } },
  ],
  [
    'a moment at which to try again',
    { success: false, error: { kind: 'transient', message: 'm', resumeAt: '2026-12-01' } },
    { success: false, error: { kind: 'transient', message: 'm', resumeAt: '2026-12-01T00:00:00.000Z' } },
  ],
  [
    'a moment that is none',
    { success: false, error: { kind: 'transient', message: 'm', resumeAt: 'soon' } },
    { success: false, error: { kind: 'transient', message: 'm' } },
  ],
  [
    'a deadline, and how long nothing came',
    { success: false, error: { kind: 'failed', message: 'm', silentMs: 5 } },
    { success: false, error: { kind: 'failed', message: 'm', silentMs: 5 } },
  ],
  [
    'a silence that is none',
    { success: false, error: { kind: 'failed', message: 'm', silentMs: -5 } },
    { success: false, error: { kind: 'failed', message: 'm' } },
  ],
  [
    'a silence of a service that answered',
    { success: false, error: { kind: 'transient', message: 'm', silentMs: 5 } },
    { success: false, error: { kind: 'transient', message: 'm' } },
  ],
  ['an output that is no text', { success: true, output: 7 }, undefined],
  ['nothing', undefined, undefined],
  ['a list', [], undefined],
  [
    'a failure without a message',
    { success: false, error: { kind: 'permanent' } },
    { success: false, error: { kind: 'permanent', message: 'no reason given' } },
  ],
  [
    'a failure of an unknown kind',
    { success: false, error: { kind: 'weird', message: 'm' } },
    { success: false, error: { kind: 'failed', message: 'm' } },
  ],
  [
    'a failure whose output is no text',
    { success: false, error: { kind: 'failed', message: 'm' }, output: 7 },
    { success: false, error: { kind: 'failed', message: 'm' } },
  ],
])('an execution: %s', (_, answer, sound) => {
  expect(soundExecution(answer)).toEqual(sound);
});

test.each<[string, unknown, unknown]>([
  ['a whole one', passed, passed],
  [
    'a verdict without feedback and issues',
    { passed: false, confidence: 1 },
    { passed: false, confidence: 1, feedback: '', issues: [] },
  ],
  [
    'issues that are no texts',
    { ...passed, issues: [{ a: 1 }, 'b'] },
    { ...passed, issues: ['{"a":1}', 'b'] },
  ],
  [
    'an issue that JSON cannot hold',
    { ...passed, issues: [1n] },
    { ...passed, issues: ['an issue that has no text'] },
  ],
  ['a verdict of a check', { ...passed, isCheck: true }, { ...passed, isCheck: true }],
  ['a verdict of something like one', { ...passed, isCheck: 'yes' }, passed],
  ['a verdict beside an absent error', { ...passed, error: undefined }, passed],
  ['no verdict', { confidence: 1 }, undefined],
  ['a confidence that is none', { ...passed, confidence: 7 }, undefined],
  ['no reason', { inconclusive: true }, { inconclusive: true, reason: 'no reason given' }],
  [
    'how long nothing came',
    { inconclusive: true, reason: 'r', silentMs: 5 },
    { inconclusive: true, reason: 'r', silentMs: 5 },
  ],
  [
    'a silence that is no time',
    { inconclusive: true, reason: 'r', silentMs: 'long' },
    { inconclusive: true, reason: 'r' },
  ],
  [
    'an error of an unknown kind',
    { error: { kind: 'weird', message: 'm' } },
    { error: { kind: 'failed', message: 'm' } },
  ],
  ['null', null, undefined],
])('a verification: %s', (_, answer, sound) => {
  expect(soundVerification(answer)).toEqual(sound);
});

test('an answer may come with what its verifier says of itself, where JSON can hold it', () => {
  expect(soundVerification({ ...passed, metadata: { model: 'm' } })).toEqual({
    ...passed,
    metadata: { model: 'm' },
  });
  for (const other of [{ inconclusive: true, reason: 'r' }, { error: { kind: 'transient', message: 'm' } }]) {
    expect(soundVerification({ ...other, metadata: { model: 'm' } })).toEqual({
      ...other,
      metadata: { model: 'm' },
    });
  }
  expect(soundVerification({ ...passed, metadata: 'm' })).toEqual(passed);
  expect(soundVerification({ ...passed, metadata: { big: 1n } })).toEqual(passed);
});

test('evidence is what has the form of a verdict, whatever the answer is', () => {
  const evidence = [{ verifier: 'check', ...passed, metadata: { model: 'm' } }];
  for (const answer of [
    passed,
    { inconclusive: true, reason: 'r' },
    { error: { kind: 'failed', message: 'm' } },
  ])
    expect(soundVerification({ ...answer, evidence })).toEqual({ ...answer, evidence });
  const odd = [null, 'check', { verifier: 'check', passed: 'yes' }, { ...passed, verifier: 7 }];
  expect(soundVerification({ ...passed, evidence: odd })).toEqual({
    ...passed,
    evidence: [{ ...passed, verifier: 'verifier' }],
  });
  expect(soundVerification({ ...passed, evidence: [{}] })).toEqual(passed);
});

test('metadata is kept as it was when it was returned', () => {
  const metadata = { model: 'a' };
  const sound = soundExecution({ success: true, output: 'o', metadata });
  metadata.model = 'b';
  expect(sound).toMatchObject({ metadata: { model: 'a' } });
});
