import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { BrokenLine } from '../../../src/stores/json/journal/journal-damage.ts';
import { JournalFile } from '../../../src/stores/json/journal/journal-file.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../support/store-folder.ts';
import { claimOne, done, idsOf, LEASE_MS, runInfo } from '../../support/store-parts.ts';

async function opened(path: string): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path, { create: true });
  onTestFinished(() => store.close());
  return store;
}

function nextChange(store: JsonTaskStore): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = store.changes(() => {
    end();
    resolve();
  });
  return promise;
}

test('more stores on one file than Node has threads do not block each other', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const stores = await Promise.all(Array.from({ length: 12 }, () => opened(path)));
  await Promise.all(
    stores.flatMap((store, i) => [1, 2, 3].map((n) => store.add([{ description: `${i}.${n}` }]))),
  );
  expect(new Set(await idsOf(stores[0] as JsonTaskStore)).size).toBe(36);
});

test('a store sees what another one changed, and is told of it', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const one = await opened(path);
  const other = await opened(path);
  await one.add([{ description: 'x' }]);
  const told = nextChange(other);
  await one.add([{ description: 'y' }]);
  await told;
  expect(await idsOf(other)).toEqual(['task-001', 'task-002']);
});

test('a file that appears later is a change', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const one = await opened(path);
  const told = nextChange(one);
  writeFileSync(path, '{ "tasks": [] }');
  await told;
});

test('a task of another run that left is claimable at once, and its listeners are told', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const one = await opened(path);
  const other = await opened(path);
  await one.add([{ description: 'x' }]);
  await one.join(runInfo('one'));
  await other.join(runInfo('other'));
  await claimOne(one, 'one');
  expect(await other.claim({ run: 'other', leaseMs: LEASE_MS })).toMatchObject({ heldByOthers: 1 });
  const told = nextChange(other);
  await one.close();
  await told;
  expect((await claimOne(other, 'other')).task).toMatchObject({ id: 'task-001', crashes: 1 });
});

test('runs of all stores on the file are seen, whatever their ids', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const one = await opened(path);
  const other = await opened(path);
  await one.add([{ description: 'x' }]);
  await one.join(runInfo('a/../b c%ü'));
  await other.join(runInfo('two'));
  for (const store of [one, other]) {
    const ids = (await store.runs()).map(({ id }) => id);
    expect(ids.sort()).toEqual(['a/../b c%ü', 'two']);
  }
  await expect(one.join(runInfo('two'))).rejects.toThrow('joined the store already');
});

test('a run that joins sweeps away what the dead left, and nothing else', async () => {
  const folder = scratchFolder();
  const path = join(folder, 'tasks.json');
  const one = await opened(path);
  await one.add([{ description: 'x' }]);
  await one.join(runInfo('alive'));
  const dead = ['tasks.json.run-dead.lock', 'tasks.json.run-young.lock.tmp'];
  dead.push('tasks.json.123-abc.tmp', 'tasks.json.journal.123-abc.tmp');
  const others = [
    'tasks.json.mine.tmp',
    'other.json.run-dead.lock',
    'other.json.123-abc.tmp',
    'tasks.json.old.123-abc.tmp',
    'tasks.json.bak',
  ];
  for (const name of [...dead, ...others]) writeFileSync(join(folder, name), '{}');
  expect((await one.runs()).map(({ id }) => id)).toEqual(['alive']);
  const other = await opened(path);
  await other.join(runInfo('new'));
  const ours = ['tasks.json', 'tasks.json.journal', 'tasks.json.lock'];
  ours.push('tasks.json.run-alive.lock', 'tasks.json.run-new.lock');
  expect(readdirSync(folder).sort()).toEqual([...ours, ...others].sort());
});

test('close takes the files of its runs away, and leaves the journal and the lock file', async () => {
  const folder = scratchFolder();
  const one = await opened(join(folder, 'tasks.json'));
  await one.add([{ description: 'x' }]);
  await one.join(runInfo('a'));
  await one.close();
  expect(readdirSync(folder).sort()).toEqual(['tasks.json', 'tasks.json.journal', 'tasks.json.lock']);
});

test('a lock file that somebody deleted does not part those who use the store', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const one = await opened(path);
  const other = await opened(path);
  await one.add([{ description: 'x' }]);
  await other.add([{ description: 'x' }]);
  rmSync(`${path}.lock`);
  await Promise.all([one, other].flatMap((store) => [1, 2, 3].map(() => store.add([{ description: 'y' }]))));
  expect(existsSync(`${path}.lock`)).toBe(true);
  expect(await idsOf(one)).toHaveLength(8);
});

test('reading takes no lock, and leaves nothing behind', async () => {
  const folder = scratchFolder();
  const path = join(folder, 'tasks.json');
  writeFileSync(path, '{ "tasks": [ { "id": "a", "description": "x" } ] }');
  const store = await opened(path);
  expect(await store.get('a')).toMatchObject({ description: 'x' });
  expect(await store.counts()).toMatchObject({ total: 1 });
  expect(await store.runs()).toEqual([]);
  expect(readdirSync(folder)).toEqual(['tasks.json']);
});

test('a change that is waited for is there for whoever reads next', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const one = await opened(path);
  await one.add([{ description: 'x' }]);
  await one.join(runInfo('a'));
  const { lease } = await claimOne(one, 'a');
  await one.settle(lease, done('result'));
  expect(await (await opened(path)).get('task-001')).toMatchObject({ status: 'completed', result: 'result' });
});

test('a reader that finds a broken line reads once more: somebody may have mended the end meanwhile', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  await (await opened(path)).add([{ description: 'one' }]);
  const follow = vi.spyOn(JournalFile.prototype, 'follow');
  onTestFinished(() => follow.mockRestore());
  follow.mockImplementationOnce(() => {
    throw new BrokenLine(7);
  });
  expect(await idsOf(await opened(path))).toEqual(['task-001']);
  follow.mockImplementation(() => {
    throw new BrokenLine(7);
  });
  await expect((await opened(path)).counts()).rejects.toThrow('is broken at byte 7');
});
