import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FileWatcher } from '../../../../src/stores/json/disk/file-watcher.ts';
import { scratchFolder } from '../../../support/store-folder.ts';

/** Polls come when the test says so; what the system tells of files comes by itself. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const POLL_MS = 100;

function watching() {
  const folder = scratchFolder();
  const path = join(folder, 'tasks.json.journal');
  writeFileSync(path, 'one');
  const state = { path, told: 0, ownWrites: 0, polled: false };
  const watcher = new FileWatcher({
    paths: [path, join(folder, 'tasks.json')],
    polled: () => state.polled,
    ownWrites: () => state.ownWrites,
  });
  let heard = Promise.withResolvers<void>();
  const end = watcher.add(() => {
    state.told++;
    heard.resolve();
    heard = Promise.withResolvers();
  });
  return { state, watcher, end, next: () => heard.promise };
}

test('a change is told at once, without a poll, also of a file that is put in the place of another', async () => {
  const { state, watcher, next } = watching();
  const first = next();
  writeFileSync(state.path, 'one and two');
  await first;
  const second = next();
  writeFileSync(`${state.path}.tmp`, 'three');
  renameSync(`${state.path}.tmp`, state.path);
  await second;
  watcher.close();
});

test('who writes all the time sees the changes of others at each poll', () => {
  const { state, watcher } = watching();
  for (let poll = 1; poll <= 3; poll++) {
    state.ownWrites++;
    writeFileSync(state.path, 'x'.repeat(poll * 10));
    vi.advanceTimersByTime(POLL_MS);
    expect(state.told).toBe(poll);
  }
  // Nothing has changed: there is nothing to tell.
  state.ownWrites++;
  vi.advanceTimersByTime(POLL_MS);
  expect(state.told).toBe(3);
  watcher.close();
});

test('who is asked at each poll may have something to tell that is in no file', () => {
  const { state, watcher } = watching();
  vi.advanceTimersByTime(POLL_MS);
  expect(state.told).toBe(0);
  state.polled = true;
  vi.advanceTimersByTime(POLL_MS);
  expect(state.told).toBe(1);
  watcher.close();
});

test('a file that comes or goes has changed', () => {
  const { state, watcher } = watching();
  state.ownWrites++;
  vi.advanceTimersByTime(POLL_MS);
  rmSync(state.path);
  state.ownWrites++;
  vi.advanceTimersByTime(POLL_MS);
  expect(state.told).toBe(1);
  watcher.close();
});

test('nobody is told any more who has had enough', () => {
  const { state, end } = watching();
  end();
  writeFileSync(state.path, 'more');
  vi.advanceTimersByTime(POLL_MS);
  expect(state.told).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
