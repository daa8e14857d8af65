import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { idsOf } from '../../support/store-parts.ts';

/** A store with one task, its file, and what happens while it waits: nothing unless the test says so. */
async function storeInUse() {
  const path = join(scratchFolder(), 'tasks.json');
  const waits: number[] = [];
  const state = { path, waits, meanwhile: () => {} };
  const sleep = async (ms: number) => {
    waits.push(ms);
    state.meanwhile();
  };
  const store = await JsonTaskStore.open(path, { create: true, sleep });
  onTestFinished(() => store.close());
  await store.add([{ description: 'x' }]);
  return Object.assign(state, { store, whole: readFileSync(path, 'utf8') });
}

function total(waits: number[]): number {
  return waits.reduce((sum, ms) => sum + ms, 0);
}

describe('an older copy in the place of the file', () => {
  test('is refused to readers and writers, and left alone, until the newer one is back', async () => {
    const { store, path, whole } = await storeInUse();
    await store.add([{ description: 'y' }]);
    const newer = readFileSync(path, 'utf8');
    writeFileSync(path, whole);
    const message = `An older copy was put in the place of ${path} (revision 1 after 2); put the newer one back, or end all runs before you go on with the older one`;
    for (const operation of [() => store.counts(), () => store.add([{ description: 'z' }])]) {
      await expect(operation()).rejects.toMatchObject({ code: 'store-unusable', message });
    }
    expect(readFileSync(path, 'utf8')).toBe(whole);
    writeFileSync(path, newer);
    await store.add([{ description: 'z' }]);
    expect(await idsOf(store)).toEqual(['task-001', 'task-002', 'task-003']);
  });

  test('is one that was written after this store had read a newer one of another', async () => {
    const { store, path, whole } = await storeInUse();
    const other = await JsonTaskStore.open(path);
    onTestFinished(() => other.close());
    await other.add([{ description: 'y' }]);
    expect(await store.counts()).toMatchObject({ total: 2 });
    writeFileSync(path, whole);
    await expect(store.counts()).rejects.toThrow('(revision 1 after 2)');
  });

  test('may have no revision at all', async () => {
    const { store, path } = await storeInUse();
    writeFileSync(path, '{ "tasks": [] }');
    await expect(store.counts()).rejects.toThrow('(revision 0 after 1)');
  });

  test('is taken as it is by who has not seen the newer one', async () => {
    const { store, path, whole } = await storeInUse();
    await store.add([{ description: 'y' }]);
    await store.close();
    writeFileSync(path, whole);
    const next = await JsonTaskStore.open(path);
    onTestFinished(() => next.close());
    expect(await idsOf(next)).toEqual(['task-001']);
  });

  test('is not one that somebody edited: its revision is the same', async () => {
    const { store, path, whole } = await storeInUse();
    writeFileSync(path, whole.replace('"x"', '"edited"'));
    expect(await store.get('task-001')).toMatchObject({ description: 'edited' });
    await store.add([{ description: 'y' }]);
    expect(await idsOf(store)).toEqual(['task-001', 'task-002']);
  });
});

describe('a file that is broken or gone for a moment', () => {
  const damage: Record<string, (path: string, whole: string) => void> = {
    cut: (path, whole) => writeFileSync(path, whole.slice(0, -20)),
    emptied: (path) => writeFileSync(path, ''),
    removed: (path) => rmSync(path),
  };

  describe.each(Object.keys(damage))('%s', (how) => {
    test('is read again until it is whole', async () => {
      const state = await storeInUse();
      const { store, path, whole, waits } = state;
      state.meanwhile = () => {
        if (waits.length % 3 === 0) writeFileSync(path, whole);
      };
      damage[how]?.(path, whole);
      expect(await store.counts()).toMatchObject({ total: 1 });
      damage[how]?.(path, whole);
      await store.add([{ description: 'y' }]);
      expect(await idsOf(store)).toEqual(['task-001', 'task-002']);
      expect(waits).toHaveLength(6);
    });

    test('is left to others between the tries', async () => {
      const state = await storeInUse();
      const { store, path, whole } = state;
      const other = await JsonTaskStore.open(path);
      onTestFinished(() => other.close());
      const added = Promise.withResolvers<unknown>();
      state.meanwhile = () => {
        state.meanwhile = () => {};
        writeFileSync(path, whole);
        added.resolve(other.add([{ description: 'other' }]));
      };
      damage[how]?.(path, whole);
      await Promise.all([added.promise, store.add([{ description: 'y' }])]);
      expect(await idsOf(store)).toHaveLength(3);
    });

    test('is believed after a second', async () => {
      const { store, path, whole, waits } = await storeInUse();
      damage[how]?.(path, whole);
      const before = how === 'removed' ? undefined : readFileSync(path);
      await expect(store.counts()).rejects.toMatchObject({ code: 'store-unusable' });
      expect(total(waits)).toBe(1000);
      await expect(store.add([{ description: 'y' }])).rejects.toMatchObject({ code: 'store-unusable' });
      expect(total(waits)).toBe(2000);
      if (before) expect(readFileSync(path)).toEqual(before);
      else expect(() => readFileSync(path)).toThrow('ENOENT');
    });
  });

  test('that stays away is said to have vanished, also where it was not there when the store was opened', async () => {
    const { store, path } = await storeInUse();
    rmSync(path);
    const message = `${path} has vanished while it was in use; put it back, or end all runs before you begin a new one`;
    await expect(store.counts()).rejects.toMatchObject({ code: 'store-unusable', message });
    await expect(store.add([{ description: 'y' }])).rejects.toMatchObject({ message });
  });

  test('is not waited for by who opens it', async () => {
    const { path } = await storeInUse();
    writeFileSync(path, '{');
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    const next = await JsonTaskStore.open(path, { sleep });
    onTestFinished(() => next.close());
    await expect(next.counts()).rejects.toThrow(`${path}:1:`);
    rmSync(path);
    await expect(next.counts()).rejects.toMatchObject({ code: 'store-missing' });
    expect(waits).toEqual([]);
  });

  test('that was made by another store is no new one when it goes', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    const sleep = async () => {};
    const early = await JsonTaskStore.open(path, { create: true, sleep });
    onTestFinished(() => early.close());
    writeFileSync(path, '{ "tasks": [ { "id": "task-001", "description": "x" } ] }');
    expect(await early.counts()).toMatchObject({ total: 1 });
    rmSync(path);
    await expect(early.add([{ description: 'y' }])).rejects.toThrow('has vanished');
  });
});
