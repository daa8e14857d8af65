import { expect, test } from 'vitest';
import { beginningsOf } from '../../../src/cli/story/rounds.ts';
import type { Attempt, Task } from '../../../src/model/task.ts';

const START = '2026-01-01T00:00:00.000Z';
const END = '2026-01-01T00:01:00.000Z';

function beginnings(history: Partial<Attempt>[], earlierAttempts?: number) {
  const attempts = history.map((more): Attempt => ({ number: 1, run: 'r', startedAt: START, ...more }));
  return beginningsOf({ history: attempts, earlierAttempts } as unknown as Task);
}

const rejected = (number: number): Partial<Attempt> => ({ number, outcome: 'rejected', endedAt: END });
const cut = (number: number, error = 'aborted'): Partial<Attempt> => ({
  number,
  outcome: 'interrupted',
  error,
  endedAt: END,
});

test('what follows by itself has nothing to say', () => {
  expect(beginnings([rejected(1), cut(2), cut(2), rejected(2)])).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('numbers that begin anew are a reset, and so is what follows an attempt that a reset cut short', () => {
  expect(beginnings([rejected(1), rejected(1)])).toEqual([undefined, 'reset']);
  expect(beginnings([rejected(1), cut(2), rejected(1)])).toEqual([undefined, undefined, 'reset']);
  expect(beginnings([cut(1, 'reset'), rejected(1)])).toEqual([undefined, 'reset']);
});

test('one more round begins with the first attempt behind those that were made before', () => {
  expect(beginnings([rejected(1), rejected(2), rejected(3)], 2)).toEqual([undefined, undefined, 'retry']);
  expect(beginnings([rejected(1)], 1)).toEqual([undefined]);
});

test('an output that is only verified again follows the attempt that nobody could judge', () => {
  const unclear: Partial<Attempt> = { number: 2, outcome: 'unverifiable', endedAt: END };
  expect(beginnings([rejected(1), unclear, { number: 2, startedAt: END, output: 'o' }], 1)).toEqual([
    undefined,
    undefined,
    'verify',
  ]);
});

test('an audit is no attempt of a run', () => {
  expect(beginnings([rejected(1), { ...rejected(1), run: 'audit' }, rejected(2)])).toEqual([
    undefined,
    'audit',
    undefined,
  ]);
});
