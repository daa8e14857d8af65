import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../support/store-folder.ts';
import { claimOne, LEASE_MS, listed, runInfo } from '../support/store-parts.ts';
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

test.each([
  ['before-write', ['x']],
  ['before-sync', ['x']],
  ['before-rename', ['x']],
  ['after-rename', ['x', 'the last words']],
])('a process killed %s leaves the file whole, and the store to others', async (point, descriptions) => {
  const folder = scratchFolder();
  const path = join(folder, 'tasks.json');
  const store = await opened(path);
  await store.add([{ description: 'x' }]);
  const before = readFileSync(path, 'utf8');
  const process = new StoreProcess(path, 'die', point);
  await process.ready();
  process.go();
  expect(await process.end()).toBe('SIGKILL');

  if (descriptions.length === 1) expect(readFileSync(path, 'utf8')).toBe(before);
  expect((await listed(store)).map(({ description }) => description)).toEqual(descriptions);
  await store.add([{ description: 'after' }]);
  expect((await listed(store)).map(({ description }) => description)).toEqual([...descriptions, 'after']);
  await store.join(runInfo('next'));
  const files = ['tasks.json', 'tasks.json.lock', 'tasks.json.run-next.lock'];
  expect(readdirSync(folder).sort()).toEqual(files);
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
