import { describe, expect, test } from 'vitest';
import { bestAttempt, bestOutput } from '../../src/model/best-attempt.ts';
import type { Attempt, Task } from '../../src/model/task.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { makeTask } from '../support/task.ts';

type Given = Partial<Attempt> & { issues?: number; sure?: number; unsure?: true };

/** Attempts 1, 2, 3... with outputs `1`, `2`, `3`...; rejected with one issue and full confidence where nothing else is said. */
function failedAfter(...given: Given[]): Task {
  const history = given.map(({ issues = 1, sure = 1, unsure, ...attempt }, i): Attempt => {
    const verdict: Verdict = {
      passed: false,
      confidence: sure,
      feedback: '',
      issues: Array(issues).fill('i'),
    };
    if (unsure) verdict.unsure = unsure;
    const number = i + 1;
    return { number, run: 'r', startedAt: '', outcome: 'rejected', output: `${number}`, verdict, ...attempt };
  });
  const attempts = history.filter(({ outcome }) => outcome === 'rejected' || outcome === 'failed').length;
  return makeTask({ status: 'failed', history, attempts });
}

describe('the best attempt', () => {
  test.each<[string, Given[], number | undefined]>([
    ['the only one', [{}], 1],
    ['the one with the fewest issues', [{ issues: 2 }, { issues: 1 }, { issues: 3 }], 2],
    [
      'that one however sure its verdict is',
      [
        { issues: 2, sure: 0.1 },
        { issues: 1, sure: 1 },
      ],
      2,
    ],
    ['of equals the one whose rejection is less sure', [{ sure: 0.9 }, { sure: 0.6 }, { sure: 0.8 }], 2],
    ['then the later one', [{ sure: 0.9 }, { sure: 0.9 }, { issues: 2 }], 2],
    [
      'one that passed unsurely, before one that was rejected',
      [{ issues: 0, sure: 0.3, unsure: true }, {}],
      1,
    ],
    [
      'of those that passed unsurely the surer one',
      [
        { issues: 0, sure: 0.6, unsure: true },
        { issues: 0, sure: 0.3, unsure: true },
      ],
      1,
    ],
    [
      'not a rejection for naming no issue',
      [
        { issues: 1, sure: 0.6 },
        { issues: 0, sure: 0.9 },
      ],
      1,
    ],
    ['not one without an output', [{}, { issues: 0, sure: 0, output: undefined }], 1],
    ['a rejected one before one that failed by itself', [{}, { outcome: 'failed', verdict: undefined }], 1],
    ['one that failed, where there is no other', [{ outcome: 'failed' }, { outcome: 'failed' }], 2],
    ['the last one, where its verifier could not tell', [{ issues: 0 }, { outcome: 'unverifiable' }], 2],
    ['the last one, where it waits for its verdict', [{ issues: 0 }, { outcome: undefined }], 2],
    ['none where nothing came out', [{ outcome: 'failed', output: undefined }], undefined],
    ['none where nothing was tried', [], undefined],
  ])('is %s', (_, attempts, expected) => {
    expect(bestAttempt(failedAfter(...attempts))?.number).toBe(expected);
    expect(bestOutput(failedAfter(...attempts))).toBe(expected?.toString());
  });

  test('is one of this round, and an output of an earlier one is better than none', () => {
    const again = { ...failedAfter({ issues: 0 }, { issues: 3 }), attempts: 1 };
    expect(bestAttempt(again)?.number).toBe(2);
    const fresh = { ...failedAfter({ issues: 0 }, { issues: 3 }), attempts: 0 };
    expect(bestAttempt(fresh)).toBeUndefined();
    expect(bestOutput(fresh)).toBe('2');
  });

  test('leaves the history in its order', () => {
    const task = failedAfter({ issues: 1 }, { issues: 2 });
    bestAttempt(task);
    expect(task.history.map(({ number }) => number)).toEqual([1, 2]);
  });
});
