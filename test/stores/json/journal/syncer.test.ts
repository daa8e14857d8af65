import { expect, test, vi } from 'vitest';
import type { JournalFile } from '../../../../src/stores/json/journal/journal-file.ts';
import { Syncer } from '../../../../src/stores/json/journal/syncer.ts';
import { failWith } from '../../../support/store-log.ts';

/** A disk whose syncs take as long as the test says, in milliseconds, and where each of them was made. */
function disk() {
  const state = { takes: 0, where: [] as string[] };
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const made = (where: string) => {
    state.where.push(where);
    now += state.takes;
  };
  const journal = {
    sync: () => made('here'),
    syncInPool: async () => made('pool'),
  } as unknown as JournalFile;
  const syncer = new Syncer();
  const sync = async (times: number, takes: number) => {
    state.where.length = 0;
    state.takes = takes;
    for (let i = 0; i < times; i++) await syncer.sync(journal);
    return state.where;
  };
  return { syncer, sync };
}

test('on a fast disk a sync is made where it is asked for, though one takes long now and then', async () => {
  const { sync } = disk();
  expect(new Set(await sync(50, 0.2))).toEqual(new Set(['here']));
  await sync(1, 9);
  expect(new Set(await sync(50, 0.2))).toEqual(new Set(['here']));
});

test('on a slow one it is left to the pool, until it is fast again', async () => {
  const { sync } = disk();
  expect(await sync(3, 10)).toEqual(['here', 'pool', 'pool']);
  expect(await sync(30, 0.1)).toContain('here');
  expect(await sync(1, 0.1)).toEqual(['here']);
});

test.each([0, 10])('what fails is told, on a disk that takes %i ms', async (takes) => {
  const { sync, syncer } = disk();
  await sync(3, takes);
  const broken = { sync: () => failWith('EIO'), syncInPool: async () => failWith('EIO') };
  await expect(syncer.sync(broken as unknown as JournalFile)).rejects.toThrow('EIO');
});
