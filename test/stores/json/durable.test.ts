import { closeSync, copyFileSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { FaultHook } from '../../../src/stores/json/disk/fault-points.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { failWith, log } from '../../support/store-log.ts';
import { again, checkpoint, claimOne, done, idsOf, LEASE_MS, runInfo } from '../../support/store-parts.ts';

vi.mock('node:fs', async (original) => {
  const { logged } = await import('../../support/store-log.ts');
  return logged(await original());
});

beforeEach(() => {
  log.before = () => {};
  log.hold = undefined;
  // A fast disk, unless the test says otherwise.
  vi.spyOn(performance, 'now').mockReturnValue(0);
});

async function opened(path: string, faultHook?: FaultHook): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path, faultHook && { faultHook });
  onTestFinished(() => store.close());
  return store;
}

/** A store with three tasks that a run `a` may claim, and an empty log. */
async function storeInUse(faultHook?: FaultHook) {
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path, faultHook);
  await store.add([{ description: 'x' }, { description: 'y' }, { description: 'z' }]);
  await store.join(runInfo('a'));
  log.clear();
  return { path, store };
}

/** Each sync takes 10 ms, as far as can be told: so it is left to the pool. */
function slowDisk(): void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 10;
    return now;
  });
}

/** Holds the next sync in the pool. @returns when it has begun, and what lets it go on. */
function heldSync() {
  const begun = Promise.withResolvers<void>();
  let goOn = () => {};
  log.hold = (real) => {
    log.hold = undefined;
    goOn = real;
    begun.resolve();
  };
  return { begun: begun.promise, goOn: () => goOn() };
}

/** Whether the promise is settled once everything that can go on has done so. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

const NEW_SNAPSHOT = [
  'write new snapshot',
  'sync new snapshot',
  'rename new snapshot to snapshot',
  'sync folder',
];
// Linked and not renamed: it must not replace what somebody else puts there.
const NEW_STORE = NEW_SNAPSHOT.with(2, 'link new snapshot to snapshot');
const NEW_JOURNAL = ['write new journal', 'sync new journal', 'rename new journal to journal', 'sync folder'];

test('what is written is on the disk before it takes the place of the old, and its name after', async () => {
  log.clear();
  const store = await JsonTaskStore.open(join(scratchFolder(), 'tasks.json'));
  await store.add([{ description: 'one' }]);
  expect(log.calls).toEqual([...NEW_STORE, ...NEW_JOURNAL, 'write journal', 'sync journal']);
  log.clear();
  await store.close();
  // The journal notes the new snapshot when that is durable, and before it has its name.
  const [written, synced, ...named] = NEW_SNAPSHOT;
  const noted = ['write journal', 'sync journal'];
  expect(log.calls).toEqual([written, synced, ...noted, ...named, ...NEW_JOURNAL]);
});

test('whoever first writes to a journal that another made sees to it that its name is on the disk', async () => {
  const { path, store } = await storeInUse();
  await store.close();
  // As if by another process: this one has not seen to the name of this file.
  copyFileSync(`${path}.journal`, `${path}.other`);
  renameSync(`${path}.other`, `${path}.journal`);
  const late = await opened(path);
  await late.counts();
  log.clear();
  await late.add([{ description: 'one' }]);
  await late.add([{ description: 'two' }]);
  const added = ['write journal', 'sync journal'];
  expect(log.calls).toEqual(['sync folder', ...added, ...added]);
});

describe('a change is told', () => {
  test('when its record has been written, and then synced', async () => {
    const { store } = await storeInUse();
    const { lease } = await claimOne(store, 'a');
    const changes: Record<string, () => Promise<unknown>> = {
      add: () => store.add([{ description: 'new' }]),
      checkpoint: () => store.checkpoint(lease, checkpoint('draft')),
      settle: () => store.settle(lease, done('result')),
      reset: () => store.reset({ ids: [lease.taskId] }),
      cancel: () => store.cancel(['task-002']),
      remove: () => store.remove(['task-002']),
    };
    for (const [name, change] of Object.entries(changes)) {
      log.clear();
      await change().then(() => log.calls.push('told'));
      expect([name, ...log.calls]).toEqual([name, 'write journal', 'sync journal', 'told']);
    }
  });

  test('not while its sync lasts, nor is the next one begun; others have the store meanwhile', async () => {
    const { path, store } = await storeInUse();
    const other = await opened(path);
    slowDisk();
    await store.add([{ description: 'slow' }]);
    log.clear();
    const sync = heldSync();
    const held = store.add([{ description: 'held' }]);
    await sync.begun;
    const next = store.add([{ description: 'next' }]);
    expect(log.calls).toEqual(['write journal', 'pooled sync journal']);
    expect(await other.add([{ description: 'another' }])).toMatchObject([{ id: 'task-006' }]);
    expect(await Promise.all([held, next].map(isSettled))).toEqual([false, false]);
    sync.goOn();
    expect(await held).toMatchObject([{ id: 'task-005' }]);
    expect(await next).toMatchObject([{ id: 'task-007' }]);
  });

  test('also when its journal has been folded by another, and left by this one, before its sync is done', async () => {
    const { path, store } = await storeInUse();
    slowDisk();
    await store.add([{ description: 'slow' }]);
    const sync = heldSync();
    const held = store.add([{ description: 'held' }]);
    await sync.begun;
    const other = await JsonTaskStore.open(path);
    await other.add([{ description: 'another' }]);
    await other.close();
    expect(await idsOf(store)).toHaveLength(6);
    sync.goOn();
    expect(await held).toMatchObject([{ id: 'task-005' }]);
  });

  test('by claims, renewals and commands without a sync: what a power cut takes of them is done again', async () => {
    const { store } = await storeInUse();
    const { lease } = await claimOne(store, 'a');
    await store.renew([lease], LEASE_MS);
    await store.control('pause');
    expect(log.calls).toEqual(['write journal', 'write journal', 'write journal']);
  });
});

test('whoever syncs has let go of the lock', async () => {
  let free: boolean | undefined;
  let armed = false;
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path, (point) => {
    if (!armed || (point !== 'before-sync' && point !== 'before-append')) return;
    const fd = openSync(`${path}.lock`, 'a');
    const gotIt = tryLock(fd);
    closeSync(fd);
    if (point === 'before-sync') free = gotIt;
    else expect(gotIt).toBe(false);
  });
  await store.add([{ description: 'x' }]);
  armed = true;
  await store.add([{ description: 'y' }]);
  armed = false;
  expect(free).toBe(true);
});

describe('one append and one sync are shared by', () => {
  test('the changes of one turn, those of late in it too', async () => {
    const { store } = await storeInUse();
    const adding = Array.from({ length: 50 }, (_, i) => store.add([{ description: `${i}` }]));
    // As the answers of many operations arrive.
    for (let i = 0; i < 50; i++) await null;
    adding.push(store.add([{ description: 'late' }]));
    await Promise.all(adding);
    expect(log.calls).toEqual(['write journal', 'pooled sync journal']);
  });

  test('the settlement of a task and the claim of the next', async () => {
    const { store } = await storeInUse();
    const { lease } = await claimOne(store, 'a');
    log.clear();
    const settling = store.settle(lease, done('ok'));
    const claiming = claimOne(store, 'a');
    await settling;
    expect((await claiming).task.id).toBe('task-002');
    expect(log.calls).toEqual(['write journal', 'sync journal']);
  });

  test('what waited while the sync before it lasted', async () => {
    const { store } = await storeInUse();
    slowDisk();
    await store.add([{ description: 'slow' }]);
    log.clear();
    const sync = heldSync();
    const first = store.add([{ description: 'first' }]);
    await sync.begun;
    const later = [1, 2, 3].map((n) => store.add([{ description: `${n}` }]));
    sync.goOn();
    await Promise.all([first, ...later]);
    const cycle = ['write journal', 'pooled sync journal'];
    expect(log.calls).toEqual([...cycle, ...cycle]);
  });
});

describe('a sync that fails', () => {
  test.each(['sync journal', 'pooled sync journal'])(
    '(%s) is told, and nothing is written any more',
    async (call) => {
      const { path, store } = await storeInUse();
      const { lease } = await claimOne(store, 'a');
      if (call.startsWith('pooled')) slowDisk();
      await store.add([{ description: 'before' }]);
      log.before = (made) => void (made === call && failWith('EIO'));
      const told = await Promise.allSettled([
        store.settle(lease, again()),
        store.add([{ description: 'y' }]),
      ]);
      const message = `Cannot use ${path}: the disk reports an error; check it, and keep a copy of the file`;
      const refused = { status: 'rejected', reason: { code: 'store-unusable', message } };
      expect(told).toMatchObject([refused, refused]);
      log.before = () => {};
      log.clear();
      for (const change of [() => store.add([{ description: 'z' }]), () => store.reset('all')]) {
        await expect(change()).rejects.toMatchObject({ code: 'store-unusable', message });
      }
      await store.close();
      expect(log.calls).toEqual([]);
      const next = await opened(path);
      await next.add([{ description: 'after' }]);
      expect(await idsOf(next)).toHaveLength(6);
    },
  );
});
