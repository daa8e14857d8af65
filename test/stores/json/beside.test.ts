import { expect, onTestFinished, test, vi } from 'vitest';
import type { Lease } from '../../../src/model/task.ts';
import type { Claim } from '../../../src/ports/task-store.ts';
import { JournalFile } from '../../../src/stores/json/journal/journal-file.ts';
import type { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { broken, claimOne, done, LEASE_MS, runInfo } from '../../support/store-parts.ts';
import { newPath, open } from './parts.ts';

/** Settled and claimed together, so many are a crowd. */
const CROWD = 8;

/** A disk whose syncs beside wait until the test lets them through, each as told: `end` or an error. */
function slowDisk() {
  const asked: PromiseWithResolvers<void>[] = [];
  const spy = vi.spyOn(JournalFile.prototype, 'syncInPool').mockImplementation(() => {
    const sync = Promise.withResolvers<void>();
    asked.push(sync);
    return sync.promise;
  });
  onTestFinished(() => {
    spy.mockRestore();
    for (const sync of asked) sync.resolve();
  });
  return asked;
}

/** A store on which a run holds so many tasks, with as many again for it to claim. */
async function holding(count: number): Promise<{ store: JsonTaskStore; claims: Claim[] }> {
  const store = await open(newPath());
  await store.add(Array.from({ length: 100 * count }, () => ({ description: 'x' })));
  await store.join(runInfo('a'));
  const claims: Claim[] = [];
  for (let i = 0; i < count; i++) claims.push(await claimOne(store, 'a'));
  return { store, claims };
}

/** Settles what is held and claims as many. What is settled is told to `acknowledged` when it is acknowledged. */
async function goOn(store: JsonTaskStore, claims: Claim[], acknowledged: string[]): Promise<Claim[]> {
  for (const { lease } of claims) {
    void store.settle(lease, done('ok')).then(
      ({ id }) => acknowledged.push(id),
      (error: Error) => acknowledged.push(`${lease.taskId}: ${error.message}`),
    );
  }
  return Promise.all(claims.map(() => claimOne(store, 'a')));
}

const idsOf = (claims: Claim[]) => claims.map(({ task }) => task.id);

/** Until all that can happen without the disk has happened: the store has taken in and answered one more change. */
async function settled(store: JsonTaskStore): Promise<void> {
  await store.renew([], LEASE_MS);
}

test('where many work at once, claims are told while the disk is busy, and settlements when it is done', async () => {
  const { store, claims } = await holding(CROWD);
  const syncs = slowDisk();
  const acknowledged: string[] = [];
  const next = await goOn(store, claims, acknowledged);
  await settled(store);
  expect([syncs.length, acknowledged]).toEqual([1, []]);
  syncs[0]?.resolve();
  await expect.poll(() => acknowledged).toEqual(idsOf(claims));
  expect(new Set(idsOf(next)).size).toBe(CROWD);
});

test('settlements that come during a sync share the next one', async () => {
  const { store, claims } = await holding(CROWD);
  const syncs = slowDisk();
  const acknowledged: string[] = [];
  const second = await goOn(store, claims, acknowledged);
  const third = await goOn(store, second, acknowledged);
  await goOn(store, third, acknowledged);
  await settled(store);
  expect(syncs).toHaveLength(1);
  syncs[0]?.resolve();
  await expect.poll(() => syncs.length).toBe(2);
  expect(acknowledged).toEqual(idsOf(claims));
  syncs[1]?.resolve();
  await expect.poll(() => acknowledged).toEqual(idsOf([...claims, ...second, ...third]));
  expect(syncs).toHaveLength(2);
});

test('after a sync that failed, neither those that waited for it nor those that came during it are kept', async () => {
  const { store, claims } = await holding(CROWD);
  const syncs = slowDisk();
  const acknowledged: string[] = [];
  const second = await goOn(store, claims, acknowledged);
  await goOn(store, second, acknowledged);
  syncs[0]?.reject(Object.assign(new Error('i/o error'), { code: 'EIO' }));
  await expect.poll(() => acknowledged.length).toBe(2 * CROWD);
  expect(acknowledged.filter((text) => !text.includes(': '))).toEqual([]);
  expect(syncs).toHaveLength(1);
  await expect(store.add([{ description: 'y' }])).rejects.toMatchObject({ code: 'store-unusable' });
});

test('a disk that hangs is not run away from', async () => {
  const { store, claims } = await holding(50);
  const syncs = slowDisk();
  const acknowledged: string[] = [];
  let rounds = 0;
  const running = (async () => {
    for (let held = claims; rounds < 40; rounds++) held = await goOn(store, held, acknowledged);
  })();
  // 50 settlements a round: after 6 of them more than 256 wait.
  await expect.poll(() => rounds).toBe(6);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([rounds, acknowledged.length]).toEqual([6, 0]);
  const free = setInterval(() => syncs.forEach((sync) => void sync.resolve()), 1);
  onTestFinished(() => clearInterval(free));
  await running;
});

test('after a failure nothing is told before it is known: whoever works may have to end', async () => {
  const { store, claims } = await holding(CROWD);
  const syncs = slowDisk();
  const acknowledged: string[] = [];
  const next = await goOn(store, claims, acknowledged);
  const failing = store.settle(next[0]?.lease as Lease, broken());
  const after = Promise.all(Array.from({ length: 2 * CROWD }, () => claimOne(store, 'a')));
  const told = vi.fn();
  void after.then(told);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([told.mock.calls.length, acknowledged]).toEqual([0, []]);
  syncs[0]?.resolve();
  expect(await failing).toMatchObject({ status: 'failed' });
  await after;
  expect(acknowledged).toEqual(idsOf(claims));
});

test('where few work at once, a claim is told after the settlement that it came with', async () => {
  const { store, claims } = await holding(2);
  const order: string[] = [];
  for (const { lease } of claims) void store.settle(lease, done('ok')).then(({ id }) => order.push(id));
  const next = claims.map(() => claimOne(store, 'a').then(({ task }) => order.push(`claim ${task.id}`)));
  await Promise.all(next);
  expect(order).toEqual(['task-001', 'task-002', 'claim task-003', 'claim task-004']);
});

test('a store that is closed meanwhile waits for the disk', async () => {
  const { store, claims } = await holding(CROWD);
  const syncs = slowDisk();
  const acknowledged: string[] = [];
  await goOn(store, claims, acknowledged);
  const closed = vi.fn();
  const closing = store.close().then(closed);
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).not.toHaveBeenCalled();
  syncs[0]?.resolve();
  await closing;
  expect(acknowledged).toHaveLength(CROWD);
});
