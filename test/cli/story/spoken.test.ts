import { expect, test } from 'vitest';
import { listed, spokenDuration, spokenTime } from '../../../src/cli/story/spoken.ts';

const NOW = Date.parse('2026-11-25T10:00:00.000Z');

test.each([
  ['2026-11-25T00:00:00.000Z', 'today at 00:00 UTC'],
  ['2026-11-25T23:59:59.999Z', 'today at 23:59 UTC'],
  ['2026-11-24T23:59:00.000Z', 'yesterday at 23:59 UTC'],
  ['2026-11-26T07:45:00.000Z', 'tomorrow at 07:45 UTC'],
  ['2026-11-03T07:45:00.000Z', 'on 3 November at 07:45 UTC'],
  ['2025-11-25T07:45:00.000Z', 'on 25 November 2025 at 07:45 UTC'],
])('%s is %s', (iso, words) => {
  expect(spokenTime(iso, NOW)).toBe(words);
});

test.each([
  [0, 'less than a second'],
  [999, 'less than a second'],
  [1_000, '1 second'],
  [65_400, '1 minute 5 seconds'],
  [120_000, '2 minutes'],
  [3_600_000 + 59_000, '1 hour'],
  [2 * 86_400_000 + 3 * 3_600_000, '2 days 3 hours'],
])('%d ms are %s', (ms, words) => {
  expect(spokenDuration(ms)).toBe(words);
});

test('names are listed as a person does', () => {
  expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
});
