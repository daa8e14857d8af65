import { expect, test } from 'vitest';
import { age, fullMinute, leaseText, took, when, whenKept, wholeSeconds } from '../../src/cli/format.ts';

const NOW = Date.parse('2026-11-25T10:00:00.000Z');

test.each([
  ['2026-11-25T00:00:00.000Z', 'today at 00:00 UTC'],
  ['2026-11-25T23:59:59.999Z', 'today at 23:59 UTC'],
  ['2026-11-24T23:59:00.000Z', 'yesterday at 23:59 UTC'],
  ['2026-11-26T07:45:00.000Z', 'tomorrow at 07:45 UTC'],
  ['2026-11-03T07:45:00.000Z', '3 November at 07:45 UTC'],
  ['2025-11-25T07:45:00.000Z', '25 November 2025 at 07:45 UTC'],
  ['2026-11-25T01:30:00+02:00', 'yesterday at 23:30 UTC'],
])('%s is %s', (iso, words) => {
  expect(when(iso, NOW)).toBe(words);
});

test('in a file that is kept a day has its date', () => {
  expect(whenKept('2026-11-25T07:45:00.000Z')).toBe('25 November 2026 at 07:45 UTC');
});

test('a minute that has begun is over at the next one', () => {
  expect(fullMinute('2026-11-25T07:45:00.001Z')).toBe('2026-11-25T07:46:00.000Z');
  expect(fullMinute('2026-11-25T07:45:00.000Z')).toBe('2026-11-25T07:45:00.000Z');
});

test('a length of time is full seconds: up where it is still to come, down where it goes on, and under one where it is over', () => {
  expect([0, 1, 999, 1_001, 65_400].map(wholeSeconds)).toEqual(['0s', '1s', '1s', '2s', '1m6s']);
  expect([-5, 0, 999, 1_999, 65_400].map(age)).toEqual(['0s', '0s', '0s', '1s', '1m5s']);
  expect([0, 796, 1_000, 65_400, 3_660_000].map(took)).toEqual([
    'under 1s',
    'under 1s',
    '1s',
    '1m5s',
    '1h1m',
  ]);
});

test('a lease is told by how long it still holds', () => {
  const lease = { since: '2026-11-25T09:59:50.000Z', until: '2026-11-25T10:00:17.200Z' };
  expect(leaseText(lease, NOW)).toBe('since today at 09:59 UTC, 18s more unless renewed');
  expect(leaseText(lease, NOW + 60_000)).toBe('since today at 09:59 UTC, 0s more unless renewed');
});
