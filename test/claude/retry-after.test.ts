import { expect, it } from 'vitest';
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
  ['nothing', { 'retry-after': '' }, undefined],
  ['no header', {}, undefined],
];

it.each(rows)('reads %s', (_, headers, expected) => {
  expect(retryAfterMs(new Headers(headers), NOW)).toBe(expected);
});

it('has nothing to read without headers', () => {
  expect(retryAfterMs(undefined, NOW)).toBeUndefined();
});
