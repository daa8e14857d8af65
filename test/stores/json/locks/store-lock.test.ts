import { chmodSync, chownSync, closeSync, openSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { expect, onTestFinished, test } from 'vitest';
import { JsonTaskStore } from '../../../../src/stores/json/json-task-store.ts';
import { StoreLock, type StoreLockOptions } from '../../../../src/stores/json/locks/store-lock.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { claimOne, LEASE_MS, runInfo } from '../../../support/store-parts.ts';

function lockIn(folder: string, options: StoreLockOptions = {}): StoreLock {
  const lock = new StoreLock(join(folder, 'tasks.json'), 'tasks.json', options);
  onTestFinished(() => lock.close());
  return lock;
}

/** Time that passes only while somebody sleeps. */
function manualTime() {
  const time = { now: 0, slept: [] as number[] };
  const sleep = async (ms: number) => {
    time.slept.push(ms);
    time.now += ms;
  };
  return Object.assign(time, { options: { sleep } });
}

test('whoever waits tries again after 1 ms, then longer and longer up to 20 ms, each up to half as short, and says how long it waited', async () => {
  let tries = 0;
  const time = manualTime();
  const lock = lockIn(scratchFolder(), { ...time.options, tryLock: () => ++tries === 200 });
  await lock.acquire();
  expect(time.slept).toHaveLength(199);
  const longest = [1, 2, 4, 8, 16];
  for (const [i, pause] of time.slept.entries()) {
    const most = longest[i] ?? 20;
    expect(pause).toBeGreaterThanOrEqual(most / 2);
    expect(pause).toBeLessThanOrEqual(most);
  }
  expect(new Set(time.slept.slice(longest.length)).size).toBeGreaterThan(100);
  expect(lock.waitedMs).toBeCloseTo(time.now);
});

test('whoever waits anew begins with a short pause', async () => {
  let tries = 0;
  const time = manualTime();
  const lock = lockIn(scratchFolder(), { ...time.options, tryLock: () => ++tries % 8 === 0 });
  await lock.acquire();
  await lock.acquire();
  expect(time.slept[7]).toBeLessThanOrEqual(1);
});

test('a lock that is held for 30 s is given up, and can be had later', async () => {
  const time = manualTime();
  let free = false;
  const lock = lockIn(scratchFolder(), { ...time.options, tryLock: () => free });
  await expect(lock.acquire()).rejects.toMatchObject({
    code: 'store-unusable',
    message:
      'Cannot lock tasks.json: another process of orch has kept it locked for 30 s and does not move; see what it does, or end it',
  });
  expect(time.now).toBeGreaterThanOrEqual(30_000);
  expect(time.now).toBeLessThan(30_020);
  free = true;
  await lock.acquire();
  expect(lock.waitedMs).toBe(0);
});

test('who has less patience gives up earlier, and without any tries once', async () => {
  const time = manualTime();
  const lock = lockIn(scratchFolder(), { ...time.options, tryLock: () => false });
  await expect(lock.acquire(1_000)).rejects.toMatchObject({ code: 'store-unusable' });
  expect(time.now).toBeGreaterThanOrEqual(1_000);
  expect(time.now).toBeLessThan(1_020);
  time.slept.length = 0;
  await expect(lock.acquire(0)).rejects.toMatchObject({ code: 'store-unusable' });
  expect(time.slept).toEqual([]);
});

test('a lock that cannot be released is closed, so that others get it', async () => {
  const folder = scratchFolder();
  const broken = lockIn(folder, {
    unlock: () => {
      throw new Error('as the test wants it');
    },
  });
  await broken.acquire();
  broken.release();
  const other = lockIn(folder, { sleep: () => Promise.reject(new Error('it is still locked')) });
  await other.acquire();
});

/** A store whose lock the test holds at will, and what it does each time that the store has slept so long. */
async function storeAndHolder() {
  const path = join(scratchFolder(), 'tasks.json');
  const clock = new ManualClock();
  let fd: number | undefined;
  const holder = {
    hold() {
      fd = openSync(`${path}.lock`, 'a');
      expect(tryLock(fd)).toBe(true);
    },
    release() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
    /** Lets go when the store has waited so long. */
    patience: 0,
  };
  const sleep = async (ms: number) => {
    clock.advance(ms);
    holder.patience -= ms;
    if (holder.patience <= 0) holder.release();
  };
  const store = await JsonTaskStore.open(path, { create: true, clock, sleep });
  onTestFinished(async () => {
    await store.close();
    holder.release();
  });
  await store.add([{ description: 'x' }]);
  return { store, clock, holder };
}

test('a store that is locked for ever refuses changes, and still reads', async () => {
  const { store, holder } = await storeAndHolder();
  holder.patience = Number.POSITIVE_INFINITY;
  holder.hold();
  await expect(store.add([{ description: 'y' }])).rejects.toMatchObject({ code: 'store-unusable' });
  expect(await store.counts()).toMatchObject({ total: 1 });
  holder.release();
  await store.add([{ description: 'y' }]);
});

test('a claim that had to wait long for the store gives a late run its time to renew once more', async () => {
  const { store, clock, holder } = await storeAndHolder();
  await store.join(runInfo('a'));
  await store.join(runInfo('b'));
  await claimOne(store, 'a');
  const claim = () => store.claim({ run: 'b', leaseMs: LEASE_MS });
  clock.advance(LEASE_MS);
  expect(await claim()).toMatchObject({ leaseEndsAt: clock.in(LEASE_MS / 3) });

  holder.patience = LEASE_MS / 3 + 1;
  holder.hold();
  expect(await claim()).toMatchObject({ leaseEndsAt: clock.in(LEASE_MS / 3) });

  holder.patience = LEASE_MS / 3 - 100;
  holder.hold();
  expect((await claim()).task).toBeUndefined();
  clock.advance(100);
  expect((await claim()).task).toMatchObject({ id: 'task-001', crashes: 1 });
});

test.runIf(process.getuid?.() === 0)('root makes it for whom the store belongs to', async () => {
  const folder = scratchFolder();
  const store = join(folder, 'tasks.json');
  writeFileSync(store, '{}');
  chownSync(store, 1234, 1235);
  chmodSync(store, 0o640);
  const lock = new StoreLock(store, 'tasks.json');
  await lock.acquire();
  lock.close();
  expect(statSync(`${store}.lock`)).toMatchObject({ uid: 1234, gid: 1235, mode: 0o100640 });
});
