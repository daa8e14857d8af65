import { expect, test } from 'vitest';
import { workOf } from '../../src/cli/run-work.ts';

const NOW = Date.parse('2026-01-01T01:00:00.000Z');
const run = (id: string, minutesAgo: number) => {
  const startedAt = new Date(NOW - minutesAgo * 60_000).toISOString();
  return { id, pid: 1, host: 'h', startedAt };
};
const work = { held: 1, completed: 5, failed: 1, retried: 2, lately: 4 };
const found = { at: NOW, works: new Map([['a', work]]) };

test("a run's rate is of the last five minutes, of a younger one of its life", () => {
  expect(workOf(found, run('a', 40))).toEqual({ held: 1, completed: 5, failed: 1, perMinute: 0.8 });
  expect(workOf(found, run('a', 2)).perMinute).toBe(2);
  expect(workOf(found, run('a', 0)).perMinute).toBe(0);
});

test('one that did nothing did nothing', () => {
  expect(workOf(found, run('b', 1))).toEqual({ held: 0, completed: 0, failed: 0, perMinute: 0 });
});
