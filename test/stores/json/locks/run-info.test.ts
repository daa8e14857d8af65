import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { soundRunInfo } from '../../../../src/stores/json/locks/run-info.ts';
import { RunLocks } from '../../../../src/stores/json/locks/run-locks.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { runInfo } from '../../../support/store-parts.ts';

const RUN = runInfo('a');

test.each([
  5,
  null,
  [],
  {},
  { ...RUN, id: 5 },
  { ...RUN, pid: 'x' },
  { ...RUN, host: undefined },
  { ...RUN, startedAt: 'soon' },
])('%j says nothing of a run', (value) => {
  expect(soundRunInfo(value)).toBeUndefined();
});

test.each([
  { maxCostUsd: 'x' },
  { maxCostUsd: -1 },
  { maxCostUsd: null },
  { safety: { near: 5 } },
  { safety: { near: [null] } },
  { safety: { near: [{ what: 'x', used: 'y', limit: 1 }] } },
  { safety: { near: [], tripped: 7 } },
  { limits: 3 },
  { holds: 3 },
])('what cannot be understood of it is left out: %j', (odd) => {
  expect(soundRunInfo({ ...RUN, ...odd })).toEqual(RUN);
});

test('what can be is kept, with what a later orch may add', () => {
  const run = {
    ...RUN,
    maxCostUsd: 2,
    safety: { near: [{ what: 'failed tasks', used: 3, limit: 5, unit: 'usd' }], tripped: 'x' },
    limits: { 'claude-x': {} },
    holds: { 'claude-x': '2026-12-01T00:00:00.000Z' },
    later: true,
  };
  expect(soundRunInfo(run)).toEqual(run);
});

test('whatever stands in the file of a run that lives, who looks is told of sound runs alone', () => {
  const path = join(scratchFolder(), 'tasks.json');
  const locks = new RunLocks(path);
  onTestFinished(() => locks.leaveAll());
  locks.join(RUN);
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      writeFileSync(`${path}.run-a.lock`, text);
      for (const run of locks.live()) expect(soundRunInfo(run)).toEqual(run);
    }),
  );
});
