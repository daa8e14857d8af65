import { expect, test } from 'vitest';
import { selftestLines } from '../../../src/cli/selftest/lines.ts';
import type { SelftestReport } from '../../../src/cli/selftest/selftest.ts';
import { FAULT_POINTS } from '../../../src/stores/json/disk/fault-points.ts';

const killsAt = Object.fromEntries([...FAULT_POINTS, 'random'].map((point) => [point, 2]));

/** A row of the table. */
const row = (name: string, value: string): string => `${name.padEnd(31)}${value.padStart(5)}`;

const report: SelftestReport = {
  seed: 17,
  kills: 24,
  killsAt: killsAt as SelftestReport['killsAt'],
  stalls: 3,
  powerCuts: 5,
  stores: 1,
  workers: 30,
  tasks: 1234,
  violations: [],
};

test('a table with its figures below each other', () => {
  const lines = selftestLines(report);
  expect(lines[0]).toBe('Seed 17: 30 workers on 1 store');
  expect(lines).toContain(row('killed half-append', '2'));
  expect(lines).toContain(row('killed at a random instant', '2'));
  expect(lines).toContain(row('tasks', '1,234'));
  expect(lines.at(-1)).toBe(row('violations', '0'));
});

test('each violation, and where what is left of it is', () => {
  const lines = selftestLines({
    ...report,
    violations: [
      { rule: 'lost', task: 'task-003', store: 'store-1', message: 'It was acknowledged, and is gone' },
      { rule: 'stuck', store: 'store-2', message: '120 s were not enough' },
    ],
    folder: '/disk/.orch-selftest-x',
  });
  expect(lines.slice(-6)).toEqual([
    row('violations', '2'),
    '',
    '✗ lost: store-1, task-003: It was acknowledged, and is gone',
    '✗ stuck: store-2: 120 s were not enough',
    '',
    'What is left of it is in /disk/.orch-selftest-x',
  ]);
});

test('of a database: lost connections, and the schemas that are left', () => {
  const { powerCuts: _, ...rest } = report;
  const lines = selftestLines({
    ...rest,
    killsAt: { added: 2, random: 1 },
    disconnections: 4,
    schemas: ['orch_selftest_x_1', 'orch_selftest_x_1_queue'],
  });
  expect(lines).toContainEqual(expect.stringMatching(/^killed when its tasks were added +2$/));
  expect(lines).toContainEqual(expect.stringMatching(/^disconnections +4$/));
  expect(lines.at(-1)).toBe(
    'What is left of it is in the schemas orch_selftest_x_1, orch_selftest_x_1_queue',
  );
});
