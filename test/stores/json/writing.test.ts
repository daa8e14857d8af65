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
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FaultHook } from '../../../src/stores/json/file-adapter.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { claimOne, done, idsOf, LEASE_MS, runInfo } from '../../support/store-parts.ts';

async function openIn(
  folder: string,
  faultHook?: FaultHook,
): Promise<{ store: JsonTaskStore; path: string }> {
  const path = join(folder, 'tasks.json');
  const store = await JsonTaskStore.open(path, { create: true, ...(faultHook && { faultHook }) });
  onTestFinished(() => store.close());
  return { store, path };
}

function failWith(code: string): never {
  throw Object.assign(new Error(`${code}: as the test wants it`), { code });
}

function read(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

describe('the file', () => {
  test('is two-space JSON with version, revision, nextId and tasks, ending in a line break', async () => {
    const { store, path } = await openIn(scratchFolder());
    const [task] = await store.add([{ description: 'x', tags: ['t'] }]);
    const document = { version: 1, revision: 1, nextId: 2, tasks: [task] };
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(document, null, 2)}\n`);
  });

  test('is made by the first add, not by opening', async () => {
    const folder = scratchFolder();
    const { store, path } = await openIn(folder);
    expect(await store.counts()).toMatchObject({ total: 0 });
    expect(readdirSync(folder)).toEqual([]);
    await store.add([{ description: 'x' }]);
    expect(read(path).tasks).toHaveLength(1);
  });

  test('raises its revision with each write, and is not written when nothing changed', async () => {
    const { store, path } = await openIn(scratchFolder());
    await store.add([{ description: 'x', id: 'x' }]);
    await store.add([{ description: 'y' }]);
    expect(read(path).revision).toBe(2);
    const before = statSync(path, { bigint: true });
    await store.add([{ description: 'x', id: 'x' }]);
    await store.join(runInfo('a'));
    await store.claim({ run: 'a', leaseMs: LEASE_MS, only: new Set() });
    await store.reset('failed');
    await expect(store.cancel(['nobody'])).rejects.toThrow('There is no task nobody');
    expect(statSync(path, { bigint: true })).toMatchObject({ ino: before.ino, mtimeNs: before.mtimeNs });
  });

  test('keeps its mode', async () => {
    const { store, path } = await openIn(scratchFolder());
    await store.add([{ description: 'x' }]);
    for (const mode of [0o600, 0o666]) {
      chmodSync(path, mode);
      await store.add([{ description: 'y' }]);
      expect(statSync(path).mode & 0o777).toBe(mode);
    }
  });

  test('keeps its owner', async () => {
    const { store, path } = await openIn(scratchFolder());
    await store.add([{ description: 'x' }]);
    // Only root can give a file away.
    const own = process.getuid?.() ?? 0;
    const owner = own === 0 ? 65534 : own;
    chownSync(path, owner, process.getgid?.() ?? 0);
    chmodSync(path, 0o640);
    await store.add([{ description: 'y' }]);
    expect(statSync(path).uid).toBe(owner);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test.each(['present', 'absent'])(
    'behind a symbolic link is written where it is, when %s',
    async (state) => {
      const folder = scratchFolder();
      mkdirSync(join(folder, 'real'));
      const target = join(folder, 'real', 'tasks.json');
      if (state === 'present') writeFileSync(target, '{ "tasks": [] }');
      symlinkSync('real/tasks.json', join(folder, 'tasks.json'));
      const { store, path } = await openIn(folder);
      await store.add([{ description: 'x' }]);
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
      expect(read(target).tasks).toHaveLength(1);
      // One lock for the file, whichever way one comes to it.
      expect(readdirSync(folder).sort()).toEqual(['real', 'tasks.json']);
    },
  );

  test('is read again before each change, whatever its times say', async () => {
    const { store, path } = await openIn(scratchFolder());
    await store.add([{ description: 'x', id: 'x' }]);
    const edited = read(path);
    edited.tasks[0].description = 'by hand';
    writeFileSync(path, JSON.stringify(edited));
    await store.add([{ description: 'z' }]);
    expect(read(path).tasks[0].description).toBe('by hand');
  });
});

describe('operations that wait together', () => {
  test('share one write, and each gets its own answer', async () => {
    const { store, path } = await openIn(scratchFolder());
    const added = await Promise.all(
      Array.from({ length: 50 }, (_, i) => store.add([{ description: `${i}` }])),
    );
    expect(added.map(([task]) => task?.description)).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
    expect(new Set(added.map(([task]) => task?.id)).size).toBe(50);
    expect(read(path).revision).toBe(1);
  });

  test('include what is started later in the same turn', async () => {
    const { store, path } = await openIn(scratchFolder());
    await store.add([{ description: 'x' }, { description: 'y' }]);
    await store.join(runInfo('a'));
    const { lease } = await claimOne(store, 'a');
    const before = read(path).revision;
    const settling = store.settle(lease, done('ok'));
    // Later in the same turn, as the answers of many operations arrive.
    for (let i = 0; i < 50; i++) await null;
    const claiming = claimOne(store, 'a');
    await Promise.all([settling, claiming]);
    expect(read(path).revision).toBe(before + 1);
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
  test.each(['before-write', 'before-sync', 'before-rename'] as const)(
    'at %s leaves the file as it was, nothing beside it, and nothing of the change',
    async (point) => {
      const folder = scratchFolder();
      let broken = false;
      const { store, path } = await openIn(folder, (at) => {
        if (broken && at === point) failWith('ENOSPC');
      });
      await store.add([{ description: 'x', id: 'x' }]);
      const before = readFileSync(path);
      broken = true;
      const [first, refused] = await Promise.allSettled([
        store.add([{ description: 'y' }]),
        store.add([{ description: 'other', id: 'x' }]),
      ]);
      const message = `Cannot write ${path}: the disk is full; free some space and try again`;
      expect(first).toMatchObject({ status: 'rejected', reason: { code: 'store-unusable', message } });
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
      expect(readFileSync(path)).toEqual(before);
      expect(readdirSync(folder).sort()).toEqual(['tasks.json', 'tasks.json.lock']);
      expect(await idsOf(store)).toEqual(['x']);
      broken = false;
      expect((await store.add([{ description: 'y' }]))[0]?.id).toBe('task-001');
      expect(await idsOf(store)).toEqual(['x', 'task-001']);
    },
  );

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

  test.each([
    ['EACCES', 'permission is missing'],
    ['EROFS', 'read-only'],
    ['EIO', 'the disk reports an error'],
    ['EWHATEVER', 'EWHATEVER: as the test wants it'],
  ])('with %s says so in a sentence', async (code, words) => {
    const { store, path } = await openIn(scratchFolder(), () => failWith(code));
    const error = await store.add([{ description: 'x' }]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'store-unusable', message: expect.stringContaining(words) });
    expect(error).toMatchObject({ message: expect.stringContaining(`Cannot write ${path}: `) });
  });
});

describe('opening', () => {
  test('an absent file is made with the first task, unless that is not wanted', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    await expect(JsonTaskStore.open(path, { create: false })).rejects.toMatchObject({
      code: 'store-missing',
      message: `${path} does not exist; \`orch add\` creates it`,
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
