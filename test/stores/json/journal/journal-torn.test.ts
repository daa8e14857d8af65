import { appendFileSync, copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Task } from '../../../../src/model/task.ts';
import { encodeLine } from '../../../../src/stores/json/journal/line-buffer.ts';
import { JsonTaskStore } from '../../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { checkpoint, claimOne, done, idsOf, listed, runInfo } from '../../../support/store-parts.ts';

async function opened(path: string): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path);
  onTestFinished(() => store.close());
  return store;
}

/** The store as it stands on the disk, in a folder of its own. */
function copyOf(path: string): string {
  const copy = join(scratchFolder(), 'tasks.json');
  for (const ending of ['', '.journal']) copyFileSync(path + ending, copy + ending);
  return copy;
}

const ADD = [{ description: 'Grüße 🌍\n' }, { description: 'y', after: ['task-001'] }, { description: 'z' }];

/** What may be the last change; each comes after those before it. */
const CHANGES: Array<[name: string, change: (store: JsonTaskStore) => Promise<unknown>]> = [
  ['an add of three tasks', (store) => store.add(ADD)],
  ['a claim', (store) => claimOne(store, 'a')],
  ['a claim of a task that a dead run had', takenOver],
  ['a checkpoint', async (store) => store.checkpoint(await leaseOf(store), checkpoint('draft'))],
  ['a settlement', async (store) => store.settle(await leaseOf(store), done('ok'))],
  ['a cancel of two', (store) => store.cancel(['task-002', 'task-003'])],
  ['a reset of all', (store) => store.reset('all')],
  ['a removal of all', (store) => store.remove(['task-001', 'task-002', 'task-003'])],
];

async function takenOver(store: JsonTaskStore) {
  await store.leave('a');
  await store.join(runInfo('b'));
  return claimOne(store, 'b');
}

async function leaseOf(store: JsonTaskStore) {
  const [task] = await listed(store, { status: 'in_progress' });
  if (!task?.lease) throw new Error('no task is held');
  return task.lease;
}

/** A store after the first so many changes, each with the length of the journal and the tasks before and after it. */
async function storeAfter(count: number) {
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path);
  await store.add([]);
  await store.add([{ description: 'first', id: 'first', notBefore: '9999-01-01T00:00:00.000Z' }]);
  await store.join(runInfo('a'));
  let before = { end: 0, tasks: [] as Task[] };
  let after = await stateOf(store, path);
  for (const [, change] of CHANGES.slice(0, count)) {
    await change(store);
    before = after;
    after = await stateOf(store, path);
  }
  return { path, store, before, after };
}

async function stateOf(store: JsonTaskStore, path: string) {
  return { end: statSync(`${path}.journal`).size, tasks: await listed(store) };
}

describe.each(CHANGES.map(([name], i) => [name, i + 1] as const))('%s, cut short', (_, count) => {
  test('counts not at all: readers pass it over', async () => {
    const { path, before, after } = await storeAfter(count);
    const copy = copyOf(path);
    const late = await opened(copy);
    // `journal-scan.test.ts` has every byte.
    for (let end = after.end - 1; end >= before.end; end -= 37) {
      truncateSync(`${copy}.journal`, end);
      const store = await JsonTaskStore.open(copy);
      expect([end, await listed(store)]).toEqual([end, before.tasks]);
      await store.close();
    }
    expect(await listed(late)).toEqual(before.tasks);
  });

  test('at any line, and in it, is cut off by the next writer, who goes on; followers too', async () => {
    const { path, before, after } = await storeAfter(count);
    const whole = readFileSync(`${path}.journal`);
    const ends = new Set([before.end + 1, after.end - 1]);
    for (let end = before.end; end < after.end; end++) if (whole[end - 1] === 0x0a) ends.add(end);
    for (const end of ends) {
      const copy = copyOf(path);
      truncateSync(`${copy}.journal`, before.end);
      const follower = await opened(copy);
      expect(await listed(follower)).toEqual(before.tasks);
      appendFileSync(`${copy}.journal`, whole.subarray(before.end, end));
      expect(await listed(follower)).toEqual(before.tasks);
      const writer = await opened(copy);
      // Shorter than what was torn, it would leave a rest of that behind.
      const [added] = await writer.add([{ description: '' }]);
      const tasks = [...before.tasks, added];
      for (const store of [follower, writer, await opened(copy)]) expect(await listed(store)).toEqual(tasks);
      await follower.add([{ description: 'f' }]);
      await writer.close();
      expect(await listed(await opened(copy))).toHaveLength(tasks.length + 1);
    }
  });
});

describe('a line that is broken before whole ones', () => {
  test('is refused with the byte at which it begins, and nothing is overwritten', async () => {
    const { path } = await storeAfter(2);
    const whole = readFileSync(`${path}.journal`);
    const head = whole.indexOf('\n') + 1;
    const last = whole.lastIndexOf('\n', whole.length - 2) + 1;
    const copy = copyOf(path);
    // `journal-scan.test.ts` has every byte.
    for (let offset = head; offset < last - 1; offset += 23) {
      const start = whole.lastIndexOf('\n', offset - 1) + 1;
      const journal = Buffer.from(whole);
      journal[offset] = (journal[offset] ?? 0) ^ 1;
      writeFileSync(`${copy}.journal`, journal);
      const store = await JsonTaskStore.open(copy);
      const message = `${copy}.journal is broken at byte ${start}, before whole records; \`orch doctor\` shows what is lost, and cuts it off on request`;
      const refused = { code: 'store-unusable', message };
      await expect(store.counts()).rejects.toMatchObject(refused);
      await expect(store.reset('all')).rejects.toMatchObject(refused);
      await expect(store.add([{ id: 'own', description: 'x' }])).rejects.toMatchObject(refused);
      await store.close();
      expect(readFileSync(`${copy}.journal`)).toEqual(journal);
    }
  });

  test('is refused by who reads on, too', async () => {
    const { path } = await storeAfter(1);
    const [copy, end] = [copyOf(path), statSync(`${path}.journal`).size];
    const follower = await opened(copy);
    await follower.counts();
    const line = encodeLine('{"op":"remove","id":"task-003","next":4}', false);
    appendFileSync(`${copy}.journal`, line.replace('3', '2') + line);
    const message = `is broken at byte ${end},`;
    await expect(follower.counts()).rejects.toThrow(message);
    await expect(follower.reset('all')).rejects.toThrow(message);
  });

  test('is the head: then it is no journal', async () => {
    const { path } = await storeAfter(1);
    const copy = copyOf(path);
    const journal = readFileSync(`${copy}.journal`);
    for (const offset of [0, 8, 20]) {
      const broken = Buffer.from(journal);
      broken[offset] = (broken[offset] ?? 0) ^ 1;
      writeFileSync(`${copy}.journal`, broken);
      const store = await opened(copy);
      const message = 'is not a journal of orch; `orch doctor` shows what can be done';
      for (const operation of [() => store.counts(), () => store.add([{ description: 'x' }])]) {
        await expect(operation()).rejects.toMatchObject({
          code: 'store-unusable',
          message: expect.stringContaining(message),
        });
      }
    }
  });

  test('is a torn one, where nothing whole follows it', async () => {
    const { path, before } = await storeAfter(3);
    const copy = copyOf(path);
    appendFileSync(`${copy}.journal`, 'rubbish\nand more\n');
    const store = await opened(copy);
    expect(await idsOf(store)).toHaveLength(before.tasks.length);
    expect(await store.add([{ description: 'x' }])).toMatchObject([{ id: 'task-004' }]);
    expect(await idsOf(await opened(copy))).toHaveLength(before.tasks.length + 1);
  });
});

test('lines longer than what is read at once, and changes of many lines, are read whole', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path);
  const follower = await opened(path);
  await store.add([{ description: 'x' }]);
  await follower.counts();
  await store.add([{ description: 'ü'.repeat(3_000_000) }]);
  await store.add(Array.from({ length: 5_000 }, (_, i) => ({ description: `${i} ${'long '.repeat(100)}` })));
  await store.add([{ description: 'last' }]);
  const tasks = await listed(store);
  expect(tasks).toHaveLength(5_003);
  for (const other of [follower, await opened(path)]) expect(await listed(other)).toEqual(tasks);
  expect(await (await opened(path)).add([{ description: 'next' }])).toMatchObject([{ id: 'task-5004' }]);
});
