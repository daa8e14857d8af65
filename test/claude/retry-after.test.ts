import { expect, test } from 'vitest';
import { retryAfterMs } from '../../src/claude/retry-after.ts';

const NOW = Date.UTC(2026, 10, 22, 12);

const rows: [string, Record<string, string>, number | undefined][] = [
  ['seconds', { 'retry-after': '7' }, 7000],
  ['parts of a second', { 'retry-after': '0.25' }, 250],
  ['more than a minute', { 'retry-after': '3600' }, 3_600_000],
  ['an HTTP date', { 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
  ['milliseconds first', { 'retry-after-ms': '1500', 'retry-after': '7' }, 1500],
  ['milliseconds that are none, then seconds', { 'retry-after-ms': 'soon', 'retry-after': '7' }, 7000],
  ['a date that is past', { 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, undefined],
  ['zero', { 'retry-after': '0' }, undefined],
  ['less than zero', { 'retry-after': '-5' }, undefined],
  ['a word', { 'retry-after': 'later' }, undefined],
  ['endless', { 'retry-after': 'Infinity' }, undefined],
  ['a year', { 'retry-after': '31536000' }, 31_536_000_000],
  ['more than a year', { 'retry-after': '31536001' }, undefined],
  ['more than a year in milliseconds', { 'retry-after-ms': '1e30' }, undefined],
  ['a date in more than a year', { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' }, undefined],
  ['nothing', { 'retry-after': '' }, undefined],
  ['no header', {}, undefined],
];

test.each(rows)('reads %s', (_, headers, expected) => {
  expect(retryAfterMs(new Headers(headers), NOW)).toBe(expected);
});

test('has nothing to read without headers', () => {
  expect(retryAfterMs(undefined, NOW)).toBeUndefined();
});
