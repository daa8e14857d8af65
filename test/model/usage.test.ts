import { expect, test } from 'vitest';
import { addUsage, knownUsd, mostUsd } from '../../src/model/usage.ts';

const one = { inputTokens: 1, outputTokens: 2 };

test('all counts add up, and what neither has is left out', () => {
  expect(addUsage(one, { ...one, cacheReadTokens: 3, cacheWriteTokens: 4 })).toEqual({
    inputTokens: 2,
    outputTokens: 4,
    cacheReadTokens: 3,
    cacheWriteTokens: 4,
  });
  expect(addUsage(one, one)).toEqual({ inputTokens: 2, outputTokens: 4 });
  expect(addUsage(undefined, one)).toEqual(one);
  expect(addUsage(one, undefined)).toEqual(one);
  expect(addUsage(undefined, undefined)).toBeUndefined();
});

test('the cost of a sum is known only where that of both parts is', () => {
  expect(addUsage({ ...one, costUsd: 0.5 }, { ...one, costUsd: 0.25 })).toMatchObject({ costUsd: 0.75 });
  expect(addUsage({ ...one, costUsd: 0.5 }, one)).not.toHaveProperty('costUsd');
});

test('no sum is beyond what a file can hold', () => {
  const huge = { inputTokens: Number.MAX_VALUE, outputTokens: 0 };
  expect(addUsage(huge, huge)?.inputTokens).toBe(Number.MAX_VALUE);
});

test('what may have been billed is added up beside what was, and counts at most', () => {
  const lost = { ...one, costUsd: 0.5, possibleUsd: 0.25 };
  expect(addUsage(lost, lost)).toMatchObject({ costUsd: 1, possibleUsd: 0.5 });
  expect(addUsage(lost, { ...one, costUsd: 1 })).toMatchObject({ costUsd: 1.5, possibleUsd: 0.25 });
  expect(mostUsd(lost)).toBe(0.75);
  expect(mostUsd({ ...one, costUsd: 0.5 })).toBe(0.5);
  expect(mostUsd({ ...one, possibleUsd: 0.5 })).toBeUndefined();
});

test('an amount that is none is not known', () => {
  for (const usd of [Number.POSITIVE_INFINITY, Number.NaN, -0.01, '1', null])
    expect(knownUsd(usd)).toBeUndefined();
  expect([knownUsd(0), knownUsd(2.5)]).toEqual([0, 2.5]);
});
