import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FAULT_POINTS, type FaultPoint } from '../../../../src/stores/json/disk/fault-points.ts';
import { JsonTaskStore, type JsonTaskStoreOptions } from '../../../../src/stores/json/json-task-store.ts';
import { FileAdapter } from '../../../../src/stores/json/snapshot/file-adapter.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { failWith } from '../../../support/store-log.ts';
import {
  checkpoint,
  claimOne,
  done,
  idsOf,
  LEASE_MS,
  listed,
  runInfo,
} from '../../../support/store-parts.ts';

async function opened(path: string, options?: JsonTaskStoreOptions): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path, options);
  onTestFinished(() => store.close());
  return store;
}

/** Adds a task as a command does it: the journal is folded at its end. */
async function addAndFold(path: string, description: string, options?: JsonTaskStoreOptions): Promise<void> {
  const store = await JsonTaskStore.open(path, options);
  await store.add([{ description }]);
  await store.close();
}

function revisionOf(path: string): number {
  return JSON.parse(readFileSync(path, 'utf8')).revision;
}

/** A store with three tasks, of which the run `a` of an open store object holds one, and how often that reads the snapshot. */
async function storeInUse() {
  const path = join(scratchFolder(), 'tasks.json');
  const reads = vi.spyOn(FileAdapter.prototype, 'read');
  await addAndFold(path, 'x');
  reads.mockClear();
  const follower = await opened(path);
  await follower.add([{ description: 'y' }, { description: 'z' }]);
  await follower.join(runInfo('a'));
  const { lease } = await claimOne(follower, 'a');
  const [own] = reads.mock.contexts;
  return {
    path,
    follower,
    lease,
    readsOfFollower: () => reads.mock.contexts.filter((c) => c === own).length,
  };
}

/** Fails the first compaction that comes by this point; what is not asked for a second time is not passed before. */
function failingAt(point: FaultPoint): JsonTaskStoreOptions & { failed: () => boolean } {
  let folding = false;
  let failed = false;
  return {
    failed: () => failed,
    faultHook: (at) => {
      folding ||= at === 'before-snapshot';
      if (!folding || failed || at !== point) return;
      failed = true;
      failWith('EIO');
    },
  };
}

/** As a process leaves it that dies at this point of a compaction: from there on, it does nothing more. */
function dyingAt(point: FaultPoint): JsonTaskStoreOptions {
  let folding = false;
  let dead = false;
  return {
    faultHook: (at) => {
      folding ||= at === 'before-snapshot';
      dead ||= folding && at === point;
      if (dead) failWith('EIO');
    },
  };
}

describe('a compaction', () => {
  test('is followed by who has an open store, without reading the snapshot again, and no lease is lost', async () => {
    const { path, follower, lease, readsOfFollower } = await storeInUse();
    const before = revisionOf(path);
    for (let i = 0; i < 10; i++) {
      await addAndFold(path, `${i}`);
      expect(await idsOf(follower)).toHaveLength(4 + i);
      if (i % 3 === 0) await follower.checkpoint(lease, checkpoint(`draft ${i}`));
      if (i % 4 === 0) expect(await follower.renew([lease], LEASE_MS)).toEqual([]);
    }
    expect(revisionOf(path)).toBe(before + 10);
    await follower.settle(lease, done('ok'));
    expect(readsOfFollower()).toBe(1);
    const tasks = await listed(follower);
    expect(tasks.filter(({ crashes }) => crashes !== undefined)).toEqual([]);
    expect(await listed(await opened(path))).toEqual(tasks);
  });

  test('that comes twice between two looks is seen: an inode is not taken for another of the same number', async () => {
    const { path, follower, lease, readsOfFollower } = await storeInUse();
    const { ino } = statSync(`${path}.journal`);
    await addAndFold(path, 'one');
    await addAndFold(path, 'two');
    // The follower has the old journal open: its number is not given again.
    expect(statSync(`${path}.journal`).ino).not.toBe(ino);
    expect(await idsOf(follower)).toHaveLength(5);
    await follower.settle(lease, done('ok'));
    expect(readsOfFollower()).toBe(2);
    expect(await (await opened(path)).get(lease.taskId)).toMatchObject({ status: 'completed' });
  });

  test('keeps what the follower had in hand for its next change', async () => {
    const { path, follower, lease } = await storeInUse();
    await addAndFold(path, 'one');
    await Promise.all([
      follower.settle(lease, done('ok')),
      follower.claim({ run: 'a', leaseMs: LEASE_MS }),
      follower.add([{ description: 'new' }]),
    ]);
    const tasks = await listed(await opened(path));
    expect(tasks.map(({ status }) => status)).toEqual([
      'completed',
      'in_progress',
      'pending',
      'pending',
      'pending',
    ]);
  });

  test('happens on closing alone, unless somebody has changed something', async () => {
    const { path, follower } = await storeInUse();
    const reader = await opened(path);
    await reader.counts();
    await reader.close();
    expect(JSON.parse(readFileSync(path, 'utf8')).tasks).toHaveLength(1);
    await follower.close();
    expect(JSON.parse(readFileSync(path, 'utf8')).tasks).toHaveLength(3);
  });

  test('keeps what runs that live were told, also when the file is edited after it, and forgets that of others', async () => {
    const { path, follower } = await storeInUse();
    const other = await opened(path);
    await other.join(runInfo('gone'));
    await other.control('pause');
    await other.leave('gone');
    await addAndFold(path, 'one');
    const head = readFileSync(`${path}.journal`, 'utf8');
    expect(Object.keys(JSON.parse(head.slice(9)).told)).toEqual(['a']);
    const told = { command: 'pause' };
    for (const store of [follower, other, await opened(path)])
      expect(await store.told('a')).toMatchObject(told);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"one"', '"edited"'));
    for (const store of [follower, other, await opened(path)])
      expect(await store.told('a')).toMatchObject(told);
  });
});

const IN_COMPACTION = FAULT_POINTS.filter((point) => point !== 'before-append');

describe.each(IN_COMPACTION)('a compaction that fails %s', (point) => {
  test('loses nothing, and is told to nobody: the journal has it all; the next one succeeds', async () => {
    const { path, follower, lease } = await storeInUse();
    const options = failingAt(point);
    await addAndFold(path, 'new', options);
    expect(options.failed()).toBe(true);
    expect(await idsOf(await opened(path))).toHaveLength(4);
    expect(await idsOf(follower)).toHaveLength(4);
    await follower.settle(lease, done('ok'));
    await addAndFold(path, 'last');
    expect(JSON.parse(readFileSync(path, 'utf8')).tasks).toHaveLength(5);
    for (const store of [follower, await opened(path)]) {
      expect(await idsOf(store)).toHaveLength(5);
      expect(await store.get(lease.taskId)).toMatchObject({ status: 'completed', attempts: 1 });
    }
  });

  test.each(['looks', 'does not look'])(
    'and whose author dies of it is finished by the next: a follower that %s in between goes on',
    async (look) => {
      const { path, follower, lease } = await storeInUse();
      await addAndFold(path, 'new', dyingAt(point));
      if (look === 'looks') expect(await idsOf(follower)).toHaveLength(4);
      await addAndFold(path, 'newer');
      expect(await idsOf(follower)).toHaveLength(5);
      await addAndFold(path, 'newest', dyingAt(point));
      await follower.settle(lease, done('ok'));
      await addAndFold(path, 'last');
      for (const store of [follower, await opened(path)]) {
        expect(await idsOf(store)).toHaveLength(7);
        expect(await store.get(lease.taskId)).toMatchObject({ status: 'completed', attempts: 1 });
      }
    },
  );
});

describe('between the two renames of a compaction whose author died', () => {
  /** The new snapshot lies there, the old journal notes it. */
  async function interrupted() {
    const used = await storeInUse();
    await addAndFold(used.path, 'new', dyingAt('after-snapshot-rename'));
    expect(JSON.parse(readFileSync(used.path, 'utf8')).tasks).toHaveLength(4);
    expect(readFileSync(`${used.path}.journal`, 'utf8')).toContain('"op":"fold"');
    return used;
  }

  test('what a task tells by itself that it cost is not added again from the accounts', async () => {
    const { path, follower, lease } = await storeInUse();
    const { run, taskId: task } = lease;
    await follower.reserve({ run, call: '1', task, usd: 1 });
    await follower.spend({ run, call: '1', usd: 0.5 });
    await follower.checkpoint(lease, checkpoint('draft'));
    await follower.reserve({ run, call: '2', task, usd: 0.25 });
    await addAndFold(path, 'new', dyingAt('after-snapshot-rename'));
    const late = await opened(path);
    await late.cancel([task]);
    expect((await late.get(task))?.usage).toMatchObject({ ...checkpoint('draft').usage, possibleUsd: 0.25 });
  });

  test('the follower goes on without reading it, and begins the journal that is missing', async () => {
    const { path, follower, lease, readsOfFollower } = await interrupted();
    expect(await idsOf(follower)).toHaveLength(4);
    await follower.settle(lease, done('ok'));
    expect(readsOfFollower()).toBe(1);
    expect(readFileSync(`${path}.journal`, 'utf8')).not.toContain('"op":"fold"');
    const late = await opened(path);
    expect(await late.get(lease.taskId)).toMatchObject({ status: 'completed' });
    expect(await idsOf(late)).toHaveLength(4);
  });

  test('others may begin it: the follower finds their changes and its lease', async () => {
    const { path, follower, lease } = await interrupted();
    const other = await opened(path);
    expect(await other.add([{ description: 'after' }])).toMatchObject([{ id: 'task-005' }]);
    expect(await idsOf(follower)).toHaveLength(5);
    await follower.settle(lease, done('ok'));
    expect(await other.get(lease.taskId)).toMatchObject({ status: 'completed' });
  });

  test('what runs that live were told is known to those who come later, and to who reads their journal', async () => {
    const { path, follower } = await storeInUse();
    for (const command of ['pause', 'resume', 'pause'] as const) await follower.control(command);
    await addAndFold(path, 'before');
    await follower.control('resume');
    await addAndFold(path, 'new', dyingAt('after-snapshot-rename'));
    const told = await follower.told('a');
    expect(told).toMatchObject({ command: 'resume' });
    const other = await opened(path);
    expect(await other.told('a')).toEqual(told);
    await other.add([{ id: 'own', description: 'after' }]);
    for (const store of [other, follower, await opened(path)]) expect(await store.told('a')).toEqual(told);
  });

  test('an edit by hand is refused: the journal has changes that it may lack', async () => {
    const { path } = await interrupted();
    writeFileSync(path, readFileSync(path, 'utf8').replace('"new"', '"edited"'));
    await expect((await opened(path)).add([{ description: 'x' }])).rejects.toThrow('was changed while');
  });
});

describe('what a dead run held', () => {
  test('goes to one of the survivors: the other does not rob it', async () => {
    const { path, follower } = await storeInUse();
    const survivors = [await opened(path), await opened(path)] as const;
    const [one, two] = survivors;
    await one.join(runInfo('one'));
    await two.join(runInfo('two'));
    for (const store of survivors) await store.counts();
    await follower.close();
    const only = new Set(['task-001']);
    const first = await claimOne(one, 'one', { only });
    expect(await two.claim({ run: 'two', leaseMs: LEASE_MS, only })).toMatchObject({ heldByOthers: 1 });
    await one.settle(first.lease, done('ok'));
    expect(await two.get('task-001')).toMatchObject({ status: 'completed', attempts: 1 });
  });

  test('is settled by nobody else: a refused settlement rejects, beside others that are kept', async () => {
    const { path, follower, lease } = await storeInUse();
    const other = await opened(path);
    const second = await claimOne(follower, 'a');
    await other.cancel([lease.taskId]);
    await addAndFold(path, 'new');
    const [refused, late, kept] = await Promise.allSettled([
      follower.settle(lease, done('late')),
      follower.checkpoint(lease, checkpoint('late')),
      follower.settle(second.lease, done('ok')),
    ]);
    for (const each of [refused, late]) {
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'lease-lost' } });
    }
    expect(kept.status).toBe('fulfilled');
    expect(await other.get(lease.taskId)).toMatchObject({ status: 'failed', error: { kind: 'cancelled' } });
    expect(await other.get(second.task.id)).toMatchObject({ status: 'completed' });
  });
});
