import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FaultHook } from '../../../src/stores/json/disk/fault-points.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { failWith } from '../../support/store-log.ts';
import { idsOf, LEASE_MS, runInfo } from '../../support/store-parts.ts';

async function openIn(
  folder: string,
  faultHook?: FaultHook,
): Promise<{ store: JsonTaskStore; path: string }> {
  const path = join(folder, 'tasks.json');
  const store = await JsonTaskStore.open(path, { create: true, ...(faultHook && { faultHook }) });
  onTestFinished(() => store.close());
  return { store, path };
}

/** Adds a task as a command does it: the file shows it afterwards. */
async function addToFile(folder: string, description = 'x'): Promise<void> {
  const { store } = await openIn(folder);
  await store.add([{ description }]);
  await store.close();
}

function read(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Both files, byte for byte. */
function filesOf(path: string): Buffer[] {
  return [path, `${path}.journal`].map((file) => readFileSync(file));
}

describe('the file', () => {
  test('is two-space JSON with version, revision, nextId and tasks, ending in a line break', async () => {
    const { store, path } = await openIn(scratchFolder());
    const [task] = await store.add([{ description: 'x', tags: ['t'] }]);
    await store.close();
    const document = { version: 1, revision: 1, nextId: 2, tasks: [task] };
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(document, null, 2)}\n`);
  });

  test('is made by the first add, not by opening, and shows its tasks when the store is closed', async () => {
    const folder = scratchFolder();
    const { store, path } = await openIn(folder);
    expect(await store.counts()).toMatchObject({ total: 0 });
    expect(readdirSync(folder)).toEqual([]);
    await store.add([{ description: 'x' }]);
    expect(readdirSync(folder).sort()).toEqual(['tasks.json', 'tasks.json.journal', 'tasks.json.lock']);
    await store.close();
    expect(read(path).tasks).toHaveLength(1);
  });

  test('raises its revision with each command that changed something, whatever that did', async () => {
    const folder = scratchFolder();
    for (const revision of [1, 2, 3]) {
      await addToFile(folder);
      expect(read(join(folder, 'tasks.json')).revision).toBe(revision);
    }
    const { store, path } = await openIn(folder);
    await store.add([{ description: 'y' }]);
    await store.reset('all');
    await store.cancel(['task-001']);
    await store.close();
    expect(read(path).revision).toBe(4);
  });

  test('is not written when nothing changed, nor is its journal', async () => {
    const folder = scratchFolder();
    await addToFile(folder);
    const { store, path } = await openIn(folder);
    const stats = () =>
      [path, `${path}.journal`].map((file) => {
        const { ino, mtimeNs, size } = statSync(file, { bigint: true });
        return { ino, mtimeNs, size };
      });
    const before = stats();
    await store.add([{ description: 'x', id: 'task-001' }]);
    await store.join(runInfo('a'));
    await store.claim({ run: 'a', leaseMs: LEASE_MS, only: new Set() });
    await store.reset('failed');
    await expect(store.cancel(['nobody'])).rejects.toThrow('There is no task nobody');
    await store.close();
    expect(stats()).toEqual(before);
  });

  test('keeps its mode, and its journal has the same', async () => {
    const folder = scratchFolder();
    const path = join(folder, 'tasks.json');
    await addToFile(folder);
    for (const mode of [0o600, 0o666]) {
      chmodSync(path, mode);
      await addToFile(folder);
      for (const file of [path, `${path}.journal`]) expect(statSync(file).mode & 0o777).toBe(mode);
    }
  });

  test('keeps its owner, and its journal has the same', async () => {
    const folder = scratchFolder();
    const path = join(folder, 'tasks.json');
    await addToFile(folder);
    // Only root can give a file away.
    const own = process.getuid?.() ?? 0;
    const owner = own === 0 ? 65534 : own;
    chownSync(path, owner, process.getgid?.() ?? 0);
    chmodSync(path, 0o640);
    await addToFile(folder);
    for (const file of [path, `${path}.journal`]) {
      expect(statSync(file).uid).toBe(owner);
      expect(statSync(file).mode & 0o777).toBe(0o640);
    }
  });

  test.each(['present', 'absent'])(
    'behind a symbolic link is written where it is, when %s',
    async (state) => {
      const folder = scratchFolder();
      mkdirSync(join(folder, 'real'));
      const target = join(folder, 'real', 'tasks.json');
      if (state === 'present') writeFileSync(target, '{ "tasks": [] }');
      symlinkSync('real/tasks.json', join(folder, 'tasks.json'));
      await addToFile(folder);
      expect(lstatSync(join(folder, 'tasks.json')).isSymbolicLink()).toBe(true);
      expect(read(target).tasks).toHaveLength(1);
      // One journal and one lock for the file, whichever way one comes to it.
      expect(readdirSync(folder).sort()).toEqual(['real', 'tasks.json']);
    },
  );

  test('counts as a person changed it before each change, whatever its times say', async () => {
    const folder = scratchFolder();
    await addToFile(folder);
    const { store, path } = await openIn(folder);
    expect(await store.get('task-001')).toMatchObject({ description: 'x' });
    const { atime, mtime } = statSync(path);
    const edited = read(path);
    edited.tasks[0].description = 'by hand';
    writeFileSync(path, JSON.stringify(edited));
    utimesSync(path, atime, mtime);
    await store.add([{ description: 'z' }]);
    await store.close();
    expect(read(path).tasks).toMatchObject([{ description: 'by hand' }, { id: 'task-002' }]);
  });
});

describe('operations that wait together', () => {
  test('each get their own answer', async () => {
    const { store } = await openIn(scratchFolder());
    const added = await Promise.all(
      Array.from({ length: 50 }, (_, i) => store.add([{ description: `${i}` }])),
    );
    expect(added.map(([task]) => task?.description)).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
    expect(new Set(added.map(([task]) => task?.id)).size).toBe(50);
  });

  test('are on disk when the store is closed', async () => {
    const { store, path } = await openIn(scratchFolder());
    const adding = [store.add([{ description: 'x' }]), store.add([{ description: 'y' }])];
    await store.close();
    expect(read(path).tasks).toHaveLength(2);
    await Promise.all(adding);
  });

  test('do not spoil each other: one that is refused leaves the rest alone', async () => {
    const { store } = await openIn(scratchFolder());
    const [good, bad, late] = await Promise.allSettled([
      store.add([{ description: 'x', id: 'x' }]),
      store.add([{ description: 'new' }, { description: 'y', id: 'x' }]),
      store.add([{ description: 'z', id: 'z' }]),
    ]);
    expect(good.status).toBe('fulfilled');
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
    expect(late.status).toBe('fulfilled');
    expect(await idsOf(store)).toEqual(['x', 'z']);
  });
});

describe('a write that fails', () => {
  test.each(['before-append', 'half-append'] as const)(
    'at %s leaves both files as they were, nothing beside them, and nothing of any change of the turn',
    async (point) => {
      const folder = scratchFolder();
      let broken = false;
      const { store, path } = await openIn(folder, (at) => {
        if (broken && at === point) failWith('ENOSPC');
      });
      await store.add([{ description: 'x', id: 'x' }]);
      const before = filesOf(path);
      broken = true;
      const [first, second, same, refused] = await Promise.allSettled([
        store.add([{ description: 'y' }]),
        store.cancel(['x']),
        store.add([{ description: 'x', id: 'x' }]),
        store.add([{ description: 'other', id: 'x' }]),
      ]);
      const message = `Cannot use ${path}: the disk is full; free some space and try again`;
      const failed = { status: 'rejected', reason: { code: 'store-unusable', message } };
      expect([first, second, same]).toMatchObject([failed, failed, failed]);
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
      expect(filesOf(path)).toEqual(before);
      expect(readdirSync(folder).sort()).toEqual(['tasks.json', 'tasks.json.journal', 'tasks.json.lock']);
      expect(await idsOf(store, { status: 'pending' })).toEqual(['x']);
      broken = false;
      expect((await store.add([{ description: 'y' }]))[0]?.id).toBe('task-001');
      expect(await idsOf(store)).toEqual(['x', 'task-001']);
    },
  );

  test('does so also where nothing but the end of the journal was read', async () => {
    const folder = scratchFolder();
    await addToFile(folder);
    let broken = true;
    const { store, path } = await openIn(folder, (at) => {
      if (broken && at === 'half-append') failWith('ENOSPC');
    });
    const before = filesOf(path);
    await expect(store.add([{ description: 'y' }])).rejects.toThrow('the disk is full');
    expect(filesOf(path)).toEqual(before);
    broken = false;
    expect(await store.add([{ description: 'y' }])).toMatchObject([{ id: 'task-002' }]);
    expect(await idsOf(store)).toEqual(['task-001', 'task-002']);
  });

  test('leaves no file where there was none', async () => {
    let broken = true;
    const folder = scratchFolder();
    const { store } = await openIn(folder, () => {
      if (broken) failWith('EDQUOT');
    });
    await expect(store.add([{ description: 'x' }])).rejects.toThrow('the disk quota is used up');
    expect(readdirSync(folder)).toEqual(['tasks.json.lock']);
    expect(await store.counts()).toMatchObject({ total: 0 });
    broken = false;
    expect((await store.add([{ description: 'x' }]))[0]?.id).toBe('task-001');
  });

  test('leaves an empty store where only the journal could not be made', async () => {
    let broken = true;
    const folder = scratchFolder();
    const { store } = await openIn(folder, (at) => {
      if (broken && at === 'before-journal-rename') failWith('ENOSPC');
    });
    await expect(store.add([{ description: 'x' }])).rejects.toThrow('the disk is full');
    expect(readdirSync(folder).sort()).toEqual(['tasks.json', 'tasks.json.lock']);
    expect(await store.counts()).toMatchObject({ total: 0 });
    broken = false;
    expect((await store.add([{ description: 'x' }]))[0]?.id).toBe('task-001');
  });

  test.each([
    ['EACCES', 'permission is missing'],
    ['EROFS', 'read-only'],
    ['EIO', 'the disk reports an error'],
    ['EWHATEVER', 'EWHATEVER: as the test wants it'],
  ])('with %s says so in a sentence', async (code, words) => {
    for (const [point, doing] of [
      ['before-snapshot', 'write'],
      ['before-append', 'use'],
    ]) {
      const { store, path } = await openIn(scratchFolder(), (at) => void (at === point && failWith(code)));
      const error = await store.add([{ description: 'x' }]).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'store-unusable', message: expect.stringContaining(words) });
      expect(error).toMatchObject({ message: expect.stringContaining(`Cannot ${doing} ${path}: `) });
    }
  });
});

describe('opening', () => {
  test('an absent file is made with the first task, unless that is not wanted', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    await expect(JsonTaskStore.open(path, { create: false })).rejects.toMatchObject({
      code: 'store-missing',
      message: `${path} does not exist; adding a task creates it`,
    });
    const store = await JsonTaskStore.open(path);
    expect(existsSync(path)).toBe(false);
    await store.add([{ description: 'one' }]);
    expect(existsSync(path)).toBe(true);
    await store.close();
  });

  test('a directory, and what is no file, is refused', async () => {
    const folder = scratchFolder();
    for (const create of [false, true]) {
      await expect(JsonTaskStore.open(folder, { create })).rejects.toMatchObject({
        code: 'store-unusable',
        message: `${folder} is a directory; name a JSON file`,
      });
      await expect(JsonTaskStore.open('/dev/null', { create })).rejects.toMatchObject({
        code: 'store-unusable',
      });
    }
  });

  test('a path through a file, or links in a circle, are refused', async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('loop', join(folder, 'loop'));
    const through = join(folder, 'file', 'tasks.json');
    await expect(JsonTaskStore.open(through, { create: true })).rejects.toThrow(
      'is not a directory; correct the path',
    );
    await expect(JsonTaskStore.open(join(folder, 'loop'))).rejects.toThrow('in a circle');
  });

  test('a path in a folder that is not there fails at the first change', async () => {
    const path = join(scratchFolder(), 'nowhere', 'tasks.json');
    const store = await JsonTaskStore.open(path, { create: true });
    await expect(store.add([{ description: 'x' }])).rejects.toMatchObject({
      code: 'store-unusable',
      message: `Cannot lock ${path}: its folder does not exist; create that first`,
    });
    await store.close();
  });
});
