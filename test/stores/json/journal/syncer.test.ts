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

/** A journal whose syncs end when the test says so. */
function heldJournal() {
  const syncs: PromiseWithResolvers<void>[] = [];
  const state = { held: 0, syncs };
  const journal = {
    hold: () => {
      state.held++;
      return () => void state.held--;
    },
    syncInPool: () => {
      const sync = Promise.withResolvers<void>();
      syncs.push(sync);
      return sync.promise;
    },
  } as unknown as JournalFile;
  return { state, journal };
}

test('beside, one sync is under way at a time, and the next is of the journal that was asked for, which stays open for it', async () => {
  const { state: old, journal: folded } = heldJournal();
  const { state, journal } = heldJournal();
  const syncer = new Syncer();
  const first = syncer.syncBeside(folded);
  await expect.poll(() => old.syncs.length).toBe(1);
  const second = syncer.syncBeside(folded);
  const third = syncer.syncBeside(journal);
  expect([old.held, state.held]).toEqual([2, 1]);
  old.syncs[0]?.resolve();
  await first;
  await expect.poll(() => old.syncs.length).toBe(2);
  expect([state.syncs.length, old.held]).toEqual([0, 1]);
  old.syncs[1]?.resolve();
  await second;
  await expect.poll(() => state.syncs.length).toBe(1);
  state.syncs[0]?.resolve();
  await third;
  expect([old.held, state.held]).toEqual([0, 0]);
});
