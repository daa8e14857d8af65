import { existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RunLocks } from '../../../../src/stores/json/locks/run-locks.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { runInfo } from '../../../support/store-parts.ts';

/** Locks of two stores on the same file; what the second opens of others fails with the code that the test sets. */
function twoSides() {
  const path = join(scratchFolder(), 'tasks.json');
  const state: { code?: string } = {};
  const one = new RunLocks(path);
  const other = new RunLocks(path, (file) => {
    if (!state.code || file.endsWith('run-ours.lock')) return openSync(file, 'r');
    throw Object.assign(new Error(`${state.code}: as the test wants it`), { code: state.code });
  });
  onTestFinished(() => {
    one.leaveAll();
    other.leaveAll();
  });
  return { path, state, one, other };
}

test.each(['EMFILE', 'ENFILE', 'EACCES', 'EIO'])(
  'a run that cannot be asked for its life (%s) has not gone',
  (code) => {
    const { state, one, other } = twoSides();
    one.join(runInfo('a'));
    one.join(runInfo('b'));
    expect([other.isLive('a'), other.isLive('b')]).toEqual([true, true]);
    state.code = code;
    one.leave('a');
    expect(other.anyGone()).toBe(false);
    delete state.code;
    expect(other.anyGone()).toBe(true);
    expect(other.anyGone()).toBe(false);
  },
);

test('a lock file that may not be opened is that of a live run, and is left alone', () => {
  const { path, state, other } = twoSides();
  const file = `${path}.run-theirs.lock`;
  writeFileSync(file, JSON.stringify(runInfo('theirs')));
  state.code = 'EACCES';
  expect(other.isLive('theirs')).toBe(true);
  other.sweep();
  expect(existsSync(file)).toBe(true);
  other.join(runInfo('ours'));
  delete state.code;
  expect(other.isLive('theirs')).toBe(false);
  other.sweep();
  expect(existsSync(file)).toBe(false);
});
