import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { FaultPoint } from '../../../src/stores/json/disk/fault-points.ts';
import { encodeLine } from '../../../src/stores/json/journal/line-buffer.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { takeStore } from '../../../src/stores/json/repair/take.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { claimAll, idsOf, runInfo } from '../../support/store-parts.ts';
import {
  addAndClose,
  edit,
  idleStore,
  newPath,
  open,
  problems,
  read,
  replace,
  storeWithChanges,
} from './parts.ts';

/** What people and other programs do to the files of a store while it is in use. */

async function openWith(path: string, faultHook: (point: FaultPoint) => void): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path, { faultHook, sleep: async () => {} });
  onTestFinished(() => store.close());
  return store;
}

/** Does something at one moment of a write, once. */
function once(point: FaultPoint, action: () => void): (point: FaultPoint) => void {
  let done = false;
  return (at) => {
    if (at !== point || done) return;
    done = true;
    action();
  };
}

describe('an edit that is saved while the file is written anew', () => {
  test.each(['before-snapshot', 'half-snapshot', 'before-snapshot-rename'] as const)(
    '%s, is not written over',
    async (point) => {
      const path = await idleStore();
      const mine = readFileSync(path, 'utf8').replace('"two"', '"edited"');
      const store = await openWith(
        path,
        once(point, () => replace(path, mine)),
      );
      await store.add([{ description: 'three' }]);
      await store.close();
      expect(readFileSync(path, 'utf8')).toBe(mine);
      await expect((await open(path)).counts()).rejects.toThrow('was changed while 1 change that it lacks');
    },
  );

  test('is not written over by a repair either', async () => {
    const { path } = await storeWithChanges();
    const mine = readFileSync(path, 'utf8').replace('"two"', '"edited"');
    edit(path, '"two"', '"first edit"');
    const faultHook = once('before-snapshot-rename', () => replace(path, mine));
    await expect(takeStore(path, 'journal', { faultHook })).rejects.toThrow(
      'was changed by somebody else this moment',
    );
    expect(readFileSync(path, 'utf8')).toBe(mine);
  });
});

describe('a file that is put there while a store is begun', () => {
  const mine = '{ "tasks": [ { "id": "task-001", "description": "mine" } ] }';

  test('is not replaced by an empty one', async () => {
    const path = newPath();
    const store = await openWith(
      path,
      once('before-snapshot-rename', () => writeFileSync(path, mine)),
    );
    await expect(store.add([{ description: 'new' }])).rejects.toThrow(
      'was changed by somebody else this moment; try again',
    );
    expect(readFileSync(path, 'utf8')).toBe(mine);
    expect(await store.add([{ description: 'new' }])).toMatchObject([{ id: 'task-002' }]);
  });

  test('is read before tasks get their ids', async () => {
    const path = newPath();
    const store = await open(path);
    const stringify = vi.spyOn(JSON, 'stringify').mockImplementationOnce((value) => {
      // The first record of the batch is being encoded: the id was given before.
      writeFileSync(path, mine);
      stringify.mockRestore();
      return JSON.stringify(value);
    });
    await expect(store.add([{ description: 'new' }])).rejects.toThrow('try again');
    expect(await store.add([{ description: 'new' }])).toMatchObject([{ id: 'task-002' }]);
  });
});

describe('a journal', () => {
  test('that is deleted while it is in use is missed, and nothing is done twice', async () => {
    const { path, store } = await storeWithChanges();
    const journal = readFileSync(`${path}.journal`);
    rmSync(`${path}.journal`);
    const message = `The journal of ${path} has vanished while it was in use, with 3 changes that ${path} lacks; put it back, or end all runs to go on with ${path} as it is`;
    await expect(store.counts()).rejects.toThrow(message);
    await expect(store.add([{ description: 'four' }])).rejects.toThrow(message);
    await expect(store.join(runInfo('b'))).rejects.toThrow(message);
    expect(existsSync(`${path}.journal`)).toBe(false);
    writeFileSync(`${path}.journal`, journal);
    expect(await store.add([{ description: 'four' }])).toMatchObject([{ id: 'task-004' }]);
  });

  test.each([
    ['cut short', (path: string) => truncateSync(path, 0)],
    ['written over by an older copy of it', (path: string, older: Buffer) => writeFileSync(path, older)],
  ])('that is %s is not appended to', async (_, change) => {
    const { path, store } = await storeWithChanges();
    const older = readFileSync(`${path}.journal`);
    await store.add([{ description: 'four' }]);
    await store.counts();
    change(`${path}.journal`, older);
    const left = readFileSync(`${path}.journal`);
    await expect(store.add([{ description: 'five' }])).rejects.toThrow(
      'was cut short or replaced while it was in use',
    );
    await expect(store.counts()).rejects.toThrow('was cut short');
    expect(readFileSync(`${path}.journal`)).toEqual(left);
  });

  test('that is broken is said to who adds without reading, before anything is acknowledged', async () => {
    const { path } = await storeWithChanges();
    edit(`${path}.journal`, 'result of one', 'result of two');
    const before = readFileSync(`${path}.journal`);
    await expect((await open(path)).add([{ description: 'new' }])).rejects.toThrow('is broken at byte');
    expect(readFileSync(`${path}.journal`)).toEqual(before);
  });
});

describe('a lock file', () => {
  test('that is deleted while it is held does not let two write at once', async () => {
    const path = await idleStore();
    const other = await open(path);
    const store = await openWith(path, () => {});
    await store.counts();
    const spy = vi.spyOn(Date, 'now');
    // In the middle of a change, when the lock is held.
    spy.mockImplementationOnce(() => {
      rmSync(`${path}.lock`);
      return 0;
    });
    await expect(store.add([{ description: 'three' }])).rejects.toThrow(
      `${path}.lock was deleted while it was in use`,
    );
    spy.mockRestore();
    expect(await other.add([{ description: 'three' }])).toMatchObject([{ id: 'task-003' }]);
    expect(await store.add([{ description: 'four' }])).toMatchObject([{ id: 'task-004' }]);
  });
});

describe('a file that has two names', () => {
  test('as a hard link is read, and not written', async () => {
    const path = await idleStore();
    linkSync(path, join(path, '..', 'other.json'));
    expect(await idsOf(await open(path))).toHaveLength(2);
    for (const change of [
      async () => (await open(path)).add([{ description: 'three' }]),
      async () => (await open(path)).cancel(['task-001']),
    ]) {
      await expect(change()).rejects.toThrow('is a hard link');
    }
    rmSync(join(path, '..', 'other.json'));
    expect(await addAndClose(path, 'three')).toEqual(['task-003']);
  });

  test('because who began it was killed in between is taken as it is', async () => {
    const path = await idleStore();
    const left = `${path}.4711-abc.tmp`;
    linkSync(path, left);
    expect(await addAndClose(path, 'three')).toEqual(['task-003']);
    expect(existsSync(left)).toBe(false);
  });

  test('because it is mounted by itself is read, and not written', async ({ skip }) => {
    const path = await idleStore();
    const there = join(scratchFolder(), 'a store.json');
    writeFileSync(there, '');
    try {
      execFileSync('mount', ['--bind', path, there], { stdio: 'ignore' });
    } catch {
      skip('it takes a right to mount that we do not have here');
    }
    onTestFinished(() => {
      execFileSync('umount', [there]);
    });
    expect(await idsOf(await open(there))).toHaveLength(2);
    await expect((await open(there)).add([{ description: 'three' }])).rejects.toThrow(
      'it is mounted by itself',
    );
    expect((await problems(there)).join()).toContain('it is mounted by itself');
  });
});

describe('what a person may write into the file', () => {
  test('a field of the name `read` is one like any other', async () => {
    const path = newPath();
    writeFileSync(path, '{"tasks":[{"id":"a","description":"x","read":true},{"id":"b","description":"y"}]}');
    const store = await open(path);
    await store.join(runInfo('r'));
    expect(await claimAll(store, 'r')).toEqual(['a', 'b']);
    await store.leave('r');
    await store.close();
    expect(read(path).tasks[0]).toMatchObject({ id: 'a', read: true });
  });

  test.each(['\ud800', 'x'.repeat(300)])('a lease of a run that there cannot be', async (run) => {
    const path = newPath();
    const lease = {
      taskId: 'a',
      run,
      token: 't',
      since: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T00:00:00.000Z',
    };
    writeFileSync(
      path,
      JSON.stringify({ tasks: [{ id: 'a', description: 'x', status: 'in_progress', lease }] }),
    );
    const store = await open(path);
    expect(await store.reset('failed')).toMatchObject([{ id: 'a', status: 'pending' }]);
  });

  test('a file beside it that looks like the lock of a run', async () => {
    const path = await idleStore();
    writeFileSync(`${path}.run-%E0%A4%A.lock`, '');
    expect(await problems(path)).toEqual([]);
  });
});

test('what could not be written down is not taken for done', async () => {
  const { path, store } = await storeWithChanges();
  const huge = vi.spyOn(JSON, 'stringify').mockImplementationOnce(() => {
    throw new RangeError('Invalid string length');
  });
  await expect(store.add([{ description: 'too large' }])).rejects.toThrow('it is too large');
  huge.mockRestore();
  await expect(store.cancel(['task-004'])).rejects.toThrow('There is no task task-004');
  expect(await store.add([{ description: 'four' }])).toMatchObject([{ id: 'task-004' }]);
  expect(await idsOf(await open(path))).toHaveLength(4);
});

test('a change of a kind that only a newer orch knows is refused in words, and left as it is', async () => {
  const { path, store } = await storeWithChanges();
  const journal = readFileSync(`${path}.journal`, 'utf8').replace(/\0+$/, '');
  const line = encodeLine(JSON.stringify({ next: 4, op: 'rename', id: 'task-001' }), false);
  writeFileSync(`${path}.journal`, journal + line);
  for (const who of [store, await open(path)]) {
    await expect(who.counts()).rejects.toThrow('was written by a newer orch');
    await expect(who.add([{ description: 'y', id: 'own' }])).rejects.toMatchObject({
      code: 'store-unusable',
    });
  }
  expect(await problems(path)).toEqual([expect.stringContaining('was written by a newer orch')]);
  expect(readFileSync(`${path}.journal`, 'utf8')).toBe(journal + line);
});
