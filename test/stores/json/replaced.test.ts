import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { JsonTaskStore, type JsonTaskStoreOptions } from '../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { idsOf } from '../../support/store-parts.ts';

async function opened(path: string, options?: JsonTaskStoreOptions): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path, options);
  onTestFinished(() => store.close());
  return store;
}

/** Adds a task as a command does it: the file shows it afterwards. */
async function addToFile(path: string, description: string): Promise<string> {
  const store = await JsonTaskStore.open(path);
  await store.add([{ description }]);
  await store.close();
  return readFileSync(path, 'utf8');
}

/**
 * An open store with one task, its file, and what happens while it waits: nothing unless the test says so.
 * `journal`: the task is in the file, or in the journal alone.
 */
async function storeInUse(journal: 'empty journal' | 'full journal' = 'empty journal') {
  const path = join(scratchFolder(), 'tasks.json');
  if (journal === 'empty journal') await addToFile(path, 'x');
  const waits: number[] = [];
  const state = { path, waits, meanwhile: () => {} };
  const sleep = async (ms: number) => {
    waits.push(ms);
    state.meanwhile();
  };
  const store = await opened(path, { sleep });
  if (journal === 'full journal') await store.add([{ description: 'x' }]);
  await store.counts();
  return Object.assign(state, { store, whole: readFileSync(path, 'utf8') });
}

function total(waits: number[]): number {
  return waits.reduce((sum, ms) => sum + ms, 0);
}

describe('an older copy in the place of the file', () => {
  test('is refused to readers and writers, and left alone, until the newer one is back', async () => {
    const { store, path, whole } = await storeInUse();
    const newer = await addToFile(path, 'y');
    writeFileSync(path, whole);
    const message = `An older copy was put in the place of ${path} (revision 1 after 2); put the newer one back, or go on with the older one by \`orch doctor --take file\``;
    const late = await opened(path);
    for (const each of [store, late]) {
      for (const operation of [() => each.counts(), () => each.add([{ description: 'z' }])]) {
        await expect(operation()).rejects.toMatchObject({ code: 'store-unusable', message });
      }
    }
    expect(readFileSync(path, 'utf8')).toBe(whole);
    writeFileSync(path, newer);
    await store.add([{ description: 'z' }]);
    expect(await idsOf(store)).toEqual(['task-001', 'task-002', 'task-003']);
  });

  test('is one that a store has read a newer one of, also where there is no journal', async () => {
    const { store, path, whole } = await storeInUse();
    await addToFile(path, 'y');
    expect(await store.counts()).toMatchObject({ total: 2 });
    rmSync(`${path}.journal`);
    writeFileSync(path, whole);
    await expect(store.counts()).rejects.toThrow('(revision 1 after 2)');
  });

  test('may have no revision at all', async () => {
    const { store, path } = await storeInUse();
    writeFileSync(path, '{ "tasks": [] }');
    await expect(store.counts()).rejects.toThrow('(revision 0 after 1)');
  });

  test('is taken as it is by who has not seen the newer one, and finds no journal, as after a checkout', async () => {
    const { path, whole } = await storeInUse();
    await addToFile(path, 'y');
    writeFileSync(path, whole);
    rmSync(`${path}.journal`);
    expect(await idsOf(await opened(path))).toEqual(['task-001']);
  });

  test('under changes that it lacks is refused: neither is lost', async () => {
    const { store, path, whole } = await storeInUse();
    await addToFile(path, 'y');
    await store.add([{ description: 'z' }]);
    const journal = readFileSync(`${path}.journal`);
    writeFileSync(path, whole);
    const message = 'was replaced by an older copy (revision 1 after 2) while 1 change that it lacks was in';
    await expect(store.add([{ description: 'late' }])).rejects.toThrow(message);
    await expect((await opened(path)).counts()).rejects.toThrow(message);
    expect(readFileSync(path, 'utf8')).toBe(whole);
    expect(readFileSync(`${path}.journal`)).toEqual(journal);
  });

  test('is not one that somebody edited: its revision is the same', async () => {
    const { store, path, whole } = await storeInUse();
    writeFileSync(path, whole.replace('"x"', '"edited"'));
    expect(await store.get('task-001')).toMatchObject({ description: 'edited' });
    await store.add([{ description: 'y' }]);
    expect(await idsOf(store)).toEqual(['task-001', 'task-002']);
    expect(await store.get('task-001')).toMatchObject({ description: 'edited' });
  });
});

describe.each(['empty journal', 'full journal'] as const)('a file beside an %s', (journal) => {
  const damage: Record<string, (path: string, whole: string) => void> = {
    cut: (path, whole) => writeFileSync(path, whole.slice(0, -20)),
    emptied: (path) => writeFileSync(path, ''),
    removed: (path) => rmSync(path),
  };

  describe.each(Object.keys(damage))('that is %s for a moment', (how) => {
    test('is read again until it is whole', async () => {
      const state = await storeInUse(journal);
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
      const state = await storeInUse(journal);
      const { store, path, whole } = state;
      const other = await opened(path);
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
      const { store, path, whole, waits } = await storeInUse(journal);
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
});

describe('a file that has gone', () => {
  test('is said to have vanished', async () => {
    const { store, path } = await storeInUse();
    rmSync(path);
    const message = `${path} has vanished while it was in use; put it back, or end all runs before you begin a new one`;
    await expect(store.counts()).rejects.toMatchObject({ code: 'store-unusable', message });
    await expect(store.add([{ description: 'y' }])).rejects.toMatchObject({ message });
  });

  test('under changes of it is said to have gone, to those who come later too', async () => {
    const { store, path } = await storeInUse('full journal');
    rmSync(path);
    const message = `${path} has gone, and its journal holds 1 change made to it; put it back, or begin anew by \`orch doctor --take file\``;
    for (const each of [store, await opened(path)]) {
      await expect(each.counts()).rejects.toMatchObject({ code: 'store-unusable', message });
      await expect(each.add([{ description: 'y' }])).rejects.toMatchObject({ message });
    }
  });

  test('or is broken is not waited for by who opens it', async () => {
    const { path } = await storeInUse();
    writeFileSync(path, '{');
    const waits: number[] = [];
    const next = await opened(path, { sleep: async (ms: number) => void waits.push(ms) });
    await expect(next.counts()).rejects.toThrow(`${path}:1:`);
    rmSync(path);
    await expect(next.counts()).rejects.toMatchObject({ code: 'store-missing' });
    expect(waits).toEqual([]);
  });

  test('is no new one, where it was made by another after the store was opened', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    const early = await opened(path, { sleep: async () => {} });
    writeFileSync(path, '{ "tasks": [ { "id": "task-001", "description": "x" } ] }');
    expect(await early.counts()).toMatchObject({ total: 1 });
    rmSync(path);
    await expect(early.add([{ description: 'y' }])).rejects.toThrow('has vanished');
  });
});
