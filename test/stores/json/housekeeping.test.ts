import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Cycle } from '../../../src/stores/json/cycle.ts';
import { Housekeeping } from '../../../src/stores/json/housekeeping.ts';
import type { RunLocks } from '../../../src/stores/json/locks/run-locks.ts';
import type { Replica } from '../../../src/stores/json/replica.ts';
import { scratchFolder } from '../../support/store-folder.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

interface Situation {
  /** Bytes. */
  snapshot?: number;
  journal?: number;
  wasChanged?: boolean;
  /** The store has been read, not only the journal's end. */
  isLoaded?: boolean;
  /** A run has worked here. */
  hasJoined?: boolean;
}

/** Files of such sizes, and how often the journal was folded, with what patience; `fail` makes that fail. */
function housekeeping(situation: Situation = {}) {
  const { snapshot = 0, journal = 0, wasChanged = true, isLoaded = true, hasJoined = false } = situation;
  const path = join(scratchFolder(), 'tasks.json');
  fileOf(path, snapshot);
  fileOf(`${path}.journal`, journal);
  const state = {
    folds: 0,
    trims: 0,
    waits: [] as unknown[],
    fail: false,
    grown: [] as number[],
    isGrown: true,
  };
  const replica = {
    writes: wasChanged ? 1 : 0,
    isLoaded,
    trim: () => {
      state.trims++;
    },
    isGrown: (atLeast: number) => {
      state.grown.push(atLeast);
      return state.isGrown;
    },
    compact: () => {
      state.folds++;
      if (state.fail) throw new Error('as the test wants it');
    },
  } as unknown as Replica;
  const runs = { hasJoined, isLive: () => true } as unknown as RunLocks;
  const cycle = {
    locked: async (work: () => unknown, waitMs: number) => {
      state.waits.push(waitMs);
      return work();
    },
  } as unknown as Cycle;
  const keeping = new Housekeeping(path, replica, runs);
  return Object.assign(state, { tidy: () => keeping.tidy(cycle), shrink: () => keeping.shrink(cycle) });
}

/** It takes no room on the disk. */
function fileOf(path: string, size: number): void {
  const fd = openSync(path, 'w');
  ftruncateSync(fd, size);
  closeSync(fd);
}

describe('at the end of a command the journal', () => {
  test.each<[what: string, situation: Situation, folds: number]>([
    ['of a small store is folded', { snapshot: 3 * MIB, journal: 1 * MIB }, 1],
    ['of a larger one is not', { snapshot: 3 * MIB, journal: 1 * MIB + 1 }, 0],
    ['is not where nothing was changed', { snapshot: 1, journal: 1, wasChanged: false }, 0],
    [
      'is by a run, which may have found what others left',
      { snapshot: 1, journal: 1, wasChanged: false, hasJoined: true },
      1,
    ],
    ['of a small store is not by who has not read it', { snapshot: MIB, isLoaded: false }, 0],
    ['of one that is quickly read is', { snapshot: 500 * KIB, journal: 12 * KIB, isLoaded: false }, 1],
    ['of a larger one is by a run', { snapshot: 60 * MIB, journal: 4 * MIB, hasJoined: true }, 1],
    ['of a large one is not', { snapshot: 60 * MIB, journal: 5 * MIB, hasJoined: true }, 0],
    ['that has outgrown a large one is', { snapshot: 60 * MIB, journal: 61 * MIB, hasJoined: true }, 1],
    ['is not for that alone', { snapshot: 9 * MIB, journal: 10 * MIB }, 0],
  ])('%s', async (_, situation, folds) => {
    const store = housekeeping(situation);
    await store.tidy();
    expect(store.folds).toBe(folds);
    // What is not folded gives back the room that was made for more.
    const changed = (situation.wasChanged ?? true) || (situation.hasJoined ?? false);
    expect(store.trims).toBe(changed && folds === 0 ? 1 : 0);
    expect(store.waits).toEqual(changed ? [1_000] : []);
  });

  test('may stay as it is: what fails is told to nobody', async () => {
    const store = housekeeping();
    store.fail = true;
    await store.tidy();
    expect(store.folds).toBe(1);
  });
});

describe('while the store is in use the journal', () => {
  test('is folded when it has grown to 64 MiB, and beyond its snapshot', async () => {
    const store = housekeeping();
    await store.shrink();
    store.isGrown = false;
    await store.shrink();
    expect(store).toMatchObject({ folds: 1, grown: [64 * MIB, 64 * MIB] });
  });

  test('is left alone once that has failed: it would be tried after each change', async () => {
    const store = housekeeping();
    store.fail = true;
    await store.shrink();
    await store.shrink();
    expect(store.folds).toBe(1);
  });
});
