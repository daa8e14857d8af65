import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { FaultPoint } from '../../src/stores/json/disk/fault-points.ts';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../support/store-folder.ts';
import { claimOne, done, LEASE_MS, listed, runInfo } from '../support/store-parts.ts';
import { StoreProcess } from '../support/store-process.ts';

// A busy machine may take its time to start processes.
vi.setConfig({ testTimeout: 300_000 });

async function opened(path: string): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path, { create: true });
  onTestFinished(() => store.close());
  return store;
}

/** A process that holds the first task of the store, and what it said about it. */
async function holder(path: string, output = '') {
  const process = new StoreProcess(path, 'hold', output);
  await process.ready();
  process.go();
  const held: { id: string; expiresAt: string } = JSON.parse(await process.line());
  return { process, held };
}

/** Each moment of an `add` and of the compaction after it; the second time that it passes one of a write, it notes the new snapshot. */
const DEATHS: Array<[point: FaultPoint, time: number, isKept: boolean]> = [
  ['before-append', 1, false],
  ['half-append', 1, false],
  ['before-sync', 1, true],
  ['after-sync', 1, true],
  ['before-snapshot', 1, true],
  ['half-snapshot', 1, true],
  ['before-snapshot-sync', 1, true],
  ['before-append', 2, true],
  ['half-append', 2, true],
  ['before-sync', 2, true],
  ['after-sync', 2, true],
  ['before-snapshot-rename', 1, true],
  ['after-snapshot-rename', 1, true],
  ['before-journal-rename', 1, true],
  ['after-journal-rename', 1, true],
];

describe.each(['head', 'changes'])('beside a journal with its %s alone', (journal) => {
  test.each(DEATHS)('a process killed %s (%i) loses nothing that was kept', async (point, time, isKept) => {
    const folder = scratchFolder();
    const path = join(folder, 'tasks.json');
    const first = await opened(path);
    await first.add([{ description: 'x' }]);
    if (journal === 'head') await first.close();
    const follower = journal === 'head' ? await opened(path) : first;
    await follower.join(runInfo('next'));
    const { lease } = await claimOne(follower, 'next');
    const process = new StoreProcess(path, 'die', `${point} ${time}`);
    await process.ready();
    process.go();
    expect(await process.end()).toBe('SIGKILL');

    const descriptions = isKept ? ['x', 'the last words'] : ['x'];
    const late = await opened(path);
    for (const store of [late, follower]) {
      expect((await listed(store)).map(({ description }) => description)).toEqual(descriptions);
    }
    await follower.settle(lease, done('by the one that lives'));
    await late.add([{ description: 'after' }]);
    for (const store of [follower, late, await opened(path)]) {
      expect((await listed(store)).map(({ description }) => description)).toEqual([...descriptions, 'after']);
      expect(await store.get('task-001')).toMatchObject({ status: 'completed', attempts: 1 });
    }
    await late.join(runInfo('new'));
    const files = ['tasks.json', 'tasks.json.journal', 'tasks.json.lock'];
    files.push('tasks.json.run-new.lock', 'tasks.json.run-next.lock');
    expect(readdirSync(folder).sort()).toEqual(files);
  });
});

test('what a killed run held is claimable at once, long before its lease ends', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path);
  await store.add([{ description: 'x' }]);
  await store.join(runInfo('next'));
  const { process, held } = await holder(path);
  expect(await store.claim({ run: 'next', leaseMs: LEASE_MS })).toEqual({
    heldByOthers: 1,
    leaseEndsAt: held.expiresAt,
  });
  await expect(store.remove([held.id])).rejects.toMatchObject({ code: 'conflict' });

  await process.kill();
  expect((await store.runs()).map(({ id }) => id)).toEqual(['next']);
  const { task } = await claimOne(store, 'next');
  expect(task).toMatchObject({ id: held.id, crashes: 1, attempts: 0, lease: { run: 'next' } });
  expect(Date.parse(held.expiresAt)).toBeGreaterThan(Date.now());
});

test('what a killed run had kept is there for the next', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path);
  await store.add([{ description: 'x' }]);
  await store.join(runInfo('next'));
  const { process } = await holder(path, 'paid for');
  await process.kill();
  const { task } = await claimOne(store, 'next');
  expect(task.history).toHaveLength(1);
  expect(task.history[0]).toMatchObject({ output: 'paid for' });
});

test('a run that waits is told when another, whose task it could not have, dies', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path);
  await store.add([{ description: 'x' }]);
  await store.join(runInfo('next'));
  const { process } = await holder(path);
  await store.claim({ run: 'next', leaseMs: LEASE_MS });
  const told = Promise.withResolvers<void>();
  onTestFinished(store.changes(told.resolve));
  await process.kill();
  await told.promise;
  expect((await claimOne(store, 'next')).task.crashes).toBe(1);
});

test('a run that slept past its lease can change nothing of what another has done meanwhile', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const store = await JsonTaskStore.open(path, { clock });
  onTestFinished(() => store.close());
  await store.add([{ description: 'x' }]);
  await store.join(runInfo('next'));
  const sleeper = new StoreProcess(path, 'wake');
  await sleeper.ready();
  sleeper.go();
  const lease = JSON.parse(await sleeper.line());
  sleeper.stop();
  // It lives, so its lease ends when it was seen late for a third of its time.
  ahead += LEASE_MS;
  expect(await store.claim({ run: 'next', leaseMs: LEASE_MS })).toMatchObject({ heldByOthers: 1 });
  ahead += LEASE_MS / 3;
  const next = await claimOne(store, 'next');
  expect(next.task).toMatchObject({ id: lease.taskId, crashes: 1 });

  sleeper.wake();
  sleeper.go();
  const lost = ['lease-lost', 'lease-lost', 'lease-lost'];
  expect(JSON.parse(await sleeper.line())).toEqual({ codes: lost, lost: 1 });
  await store.settle(next.lease, done('in time'));
  expect(await store.get(lease.taskId)).toMatchObject({
    status: 'completed',
    result: 'in time',
    attempts: 1,
  });
  expect(await sleeper.end()).toBe(0);
});
