import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAULT_POINTS } from '../../../src/stores/json/disk/fault-points.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { takeStore } from '../../../src/stores/json/repair/take.ts';
import { claimOne, done, idsOf, listed, runInfo } from '../../support/store-parts.ts';
import { StoreProcess } from '../../support/store-process.ts';
import { addAndClose, edit, newPath, open, problems, read, storeWithChanges } from './parts.ts';

/** Those that a compaction passes. */
const COMPACTION = FAULT_POINTS.slice(FAULT_POINTS.indexOf('before-snapshot'));

/** An idle store with a completed and a pending task. */
async function idleStore(): Promise<string> {
  const path = newPath();
  const store = await JsonTaskStore.open(path);
  await store.add([{ description: 'one' }, { description: 'two' }]);
  await store.join(runInfo('a'));
  const { lease } = await claimOne(store, 'a');
  await store.settle(lease, done('result of one'));
  await store.close();
  return path;
}

describe('a compaction that ends', () => {
  test.each(COMPACTION)('at %s by death leaves a store that reads the same', async (point) => {
    const path = await idleStore();
    const before = await listed(await open(path));
    const child = new StoreProcess(path, 'die', `${point} 1`);
    await child.ready();
    child.go();
    expect(await child.end()).toBe('SIGKILL');

    expect(await problems(path)).toEqual([]);
    const store = await open(path);
    expect(await listed(store)).toEqual([
      ...before,
      expect.objectContaining({ description: 'the last words' }),
    ]);
    expect(await addAndClose(path, 'four')).toEqual(['task-004']);
    expect(await idsOf(store)).toEqual(['task-001', 'task-002', 'task-003', 'task-004']);
    expect(read(path).tasks).toHaveLength(4);
  });

  test.each(COMPACTION)('at %s by an error leaves a store that reads the same', async (point) => {
    const path = await idleStore();
    let passed = 0;
    const store = await JsonTaskStore.open(path, {
      faultHook: (at) => {
        if (at !== point) return;
        passed++;
        throw Object.assign(new Error('EIO: as the test wants it'), { code: 'EIO' });
      },
    });
    await store.add([{ description: 'three' }]);
    await store.close();
    expect(passed).toBe(1);
    expect(await problems(path)).toEqual([]);
    expect(await idsOf(await open(path))).toEqual(['task-001', 'task-002', 'task-003']);
    expect(await addAndClose(path, 'four')).toEqual(['task-004']);
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('a decision that ends', () => {
  const died = new Error('died here');

  describe.each(['file', 'journal'] as const)('for the %s', (choice) => {
    test.each(COMPACTION)('at %s leaves the store as it was, or whole', async (point) => {
      const { path } = await storeWithChanges();
      edit(path, '"two"', '"edited"');
      const undecided = await problems(path);
      const file = readFileSync(path, 'utf8');
      const faultHook = (at: string) => {
        if (at === point) throw died;
      };
      await expect(takeStore(path, choice, { faultHook })).rejects.toBe(died);
      const now = await problems(path);
      if (now.length > 0) {
        expect(now).toEqual(undecided);
        expect(readFileSync(path, 'utf8')).toBe(file);
        expect(await takeStore(path, choice)).toMatchObject({ revision: expect.any(Number) });
      }
      expect(await problems(path)).toEqual([]);
      const descriptions = (await listed(await open(path))).map(({ description }) => description);
      expect(descriptions).toEqual(choice === 'file' ? ['one', 'edited'] : ['one', 'edited', 'three']);
      expect(await addAndClose(path, 'four')).toEqual(['task-004']);
    });
  });
});
