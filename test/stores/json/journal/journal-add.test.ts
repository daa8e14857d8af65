import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { JsonTaskStore } from '../../../../src/stores/json/json-task-store.ts';
import { FileAdapter } from '../../../../src/stores/json/snapshot/file-adapter.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { log } from '../../../support/store-log.ts';
import { claimOne, done, idsOf, listed, runInfo } from '../../../support/store-parts.ts';

vi.mock('node:fs', async (original) => {
  const { logged } = await import('../../../support/store-log.ts');
  return logged(await original());
});

beforeEach(() => {
  log.clear();
  // A fast disk: it is synced in place.
  vi.spyOn(performance, 'now').mockReturnValue(0);
});

async function opened(path: string): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path);
  onTestFinished(() => store.close());
  return store;
}

/** Adds a task as one process does it. @returns its id. */
async function addOne(store: JsonTaskStore, description = 'new'): Promise<string | undefined> {
  return (await store.add([{ description }]))[0]?.id;
}

/** As a command: the journal of a small store is folded at its end. */
async function addAndFold(path: string): Promise<string | undefined> {
  const store = await JsonTaskStore.open(path);
  const id = await addOne(store);
  await store.close();
  return id;
}

/** A store of so many tasks, folded, and as many in the journal. */
async function largeStore(count: number) {
  const path = join(scratchFolder(), 'tasks.json');
  const tasks = (name: string) =>
    Array.from({ length: count }, (_, i) => ({ description: `${name} ${i} ${'long '.repeat(200)}` }));
  const first = await JsonTaskStore.open(path);
  await first.add(tasks('folded'));
  await first.counts();
  await first.close();
  const follower = await opened(path);
  await follower.add(tasks('in the journal'));
  await follower.counts();
  return { path, follower };
}

test('runs are told something before a large store is read to say what they were told last', async () => {
  const { path, follower } = await largeStore(3_000);
  await follower.join(runInfo('a'));
  log.clear();
  const read: unknown[] = [];
  log.before = (call) => {
    if (call === 'write journal') read.push(log.read.get('snapshot') ?? 0);
  };
  onTestFinished(() => {
    log.before = () => {};
  });
  const store = await opened(path);
  expect(await store.control('pause')).toMatchObject([{ id: 'a', told: 'pause' }]);
  expect(read).toEqual([0]);
  expect(await follower.told('a')).toMatchObject({ command: 'pause' });
});

describe('to add tasks without ids', () => {
  test('neither the snapshot nor the journal but for its ends is read', async () => {
    const { path, follower } = await largeStore(3_000);
    const [snapshot, journal] = [statSync(path).size, statSync(`${path}.journal`).size];
    const reads = vi.spyOn(FileAdapter.prototype, 'read');
    log.clear();
    const store = await opened(path);
    expect(await addOne(store)).toBe('task-6001');
    expect(
      (await store.add([{ description: 'a' }, { description: 'b', after: [] }])).map(({ id }) => id),
    ).toEqual(['task-6002', 'task-6003']);
    expect(log.read.get('snapshot') ?? 0).toBe(0);
    // The first line and the last MB, twice, and where the text ends.
    expect(log.read.get('journal') ?? 0).toBeLessThanOrEqual(2 * (4 + 64 + 1024) * 1024);
    expect(Math.min(snapshot, journal)).toBeGreaterThan(3_000_000);
    expect(reads).not.toHaveBeenCalled();
    expect(log.calls.filter((call) => call.endsWith(' journal'))).toEqual([
      'write journal',
      'sync journal',
      'write journal',
      'sync journal',
    ]);
    // Too large to be folded at its end, by who has not read it.
    await store.close();
    expect(log.read.get('snapshot') ?? 0).toBe(0);
    // An open store reads on.
    expect(await idsOf(follower)).toHaveLength(6_003);
    expect(reads).not.toHaveBeenCalled();
  });

  test.each([
    ['an id of their own', { id: 'own', description: 'x' }, 'own'],
    ['others to come after', { description: 'x', after: ['task-001'] }, 'task-7'],
  ])('is not what tasks with %s are: these need the store', async (_, task, id) => {
    const { path } = await largeStore(3);
    const reads = vi.spyOn(FileAdapter.prototype, 'read');
    const store = await opened(path);
    expect((await store.add([task]))[0]?.id).toBe(id === 'task-7' ? 'task-007' : id);
    expect(reads).toHaveBeenCalledTimes(1);
    await expect(store.add([{ description: 'x', after: ['nobody'] }])).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('an automatic id is never given twice', () => {
  test('after the last task was removed, and the journal folded', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    const store = await opened(path);
    await store.add([{ description: 'x' }, { description: 'y' }]);
    await store.remove(['task-002']);
    await store.close();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ nextId: 3, tasks: [{ id: 'task-001' }] });
    expect(await addAndFold(path)).toBe('task-003');
    const remover = await opened(path);
    await remover.remove(['task-001', 'task-003']);
    expect(await addOne(await opened(path))).toBe('task-004');
    await remover.remove(['task-004']);
    await remover.close();
    expect(await addAndFold(path)).toBe('task-005');
  });

  test('after a torn tail', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    const first = await opened(path);
    await first.add([{ description: 'x' }, { description: 'y' }]);
    const journal = readFileSync(`${path}.journal`);
    const line = journal.subarray(journal.lastIndexOf('\n', journal.length - 2) + 1);
    for (const [torn, id] of [
      [line.subarray(0, 5), 'task-003'],
      [line.subarray(0, -1), 'task-004'],
      [journal.subarray(journal.indexOf('+{') - 8, journal.length - line.length), 'task-005'],
    ] as const) {
      appendFileSync(`${path}.journal`, torn);
      const store = await opened(path);
      expect(await addOne(store)).toBe(id);
      expect(await idsOf(first)).toContain(id);
    }
    expect(await idsOf(await opened(path))).toHaveLength(5);
  });

  test('where the journal has its head alone, or is not there', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    expect([await addAndFold(path), await addAndFold(path)]).toEqual(['task-001', 'task-002']);
    expect(readFileSync(`${path}.journal`, 'utf8').trim().split('\n')).toHaveLength(1);
    const store = await opened(path);
    log.clear();
    expect(await addOne(store)).toBe('task-003');
    expect(log.read.get('snapshot') ?? 0).toBe(0);
    const fresh = join(scratchFolder(), 'tasks.json');
    writeFileSync(fresh, '{ "tasks": [{ "id": "task-041", "description": "by hand" }] }');
    expect(await addAndFold(fresh)).toBe('task-042');
  });

  test('where a person added a task to the file meanwhile', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    await addAndFold(path);
    const document = JSON.parse(readFileSync(path, 'utf8'));
    document.tasks.push({ id: 'task-009', description: 'by hand' });
    writeFileSync(path, JSON.stringify(document));
    expect(await addOne(await opened(path))).toBe('task-010');
    expect(await addOne(await opened(path))).toBe('task-011');
  });

  test('where the file alone says what was given, as after a checkout, or the journal alone, after an edit', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    writeFileSync(path, '{ "nextId": 8, "tasks": [{ "id": "task-001", "description": "x" }] }');
    expect(await addAndFold(path)).toBe('task-008');
    const store = await JsonTaskStore.open(path);
    await store.remove(['task-008']);
    await store.close();
    const { nextId: _, ...edited } = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify(edited));
    expect(await addAndFold(path)).toBe('task-009');
  });

  test('by two that add in turn, one of which has read the store', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    const [one, two] = [await opened(path), await opened(path)];
    await one.add([{ description: 'x', id: 'task-005' }]);
    const ids: unknown[] = [];
    for (let i = 0; i < 5; i++) ids.push(await addOne(one), await addOne(two));
    expect(ids).toEqual(Array.from({ length: 10 }, (_, i) => `task-${String(6 + i).padStart(3, '0')}`));
    expect(await idsOf(one)).toEqual(['task-005', ...ids]);
    expect(await listed(two)).toEqual(await listed(one));
  });

  test('by whoever adds while others fold', async () => {
    const path = join(scratchFolder(), 'tasks.json');
    const store = await opened(path);
    const ids: unknown[] = [];
    for (let i = 0; i < 5; i++) ids.push(await addOne(store), await addAndFold(path));
    expect(await idsOf(store)).toEqual(ids);
    expect(new Set(ids).size).toBe(10);
  });
});

test('tasks that were added so can be claimed by an open store, and what they wait for is theirs', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const runner = await opened(path);
  await runner.add([{ description: 'x' }]);
  await runner.join(runInfo('a'));
  const { lease } = await claimOne(runner, 'a');
  await addOne(await opened(path), 'by another');
  const { task } = await claimOne(runner, 'a');
  expect(task).toMatchObject({ id: 'task-002', description: 'by another' });
  await runner.settle(lease, done('ok'));
  expect(await (await opened(path)).counts()).toMatchObject({ completed: 1, in_progress: 1 });
});

test('an add that names a task which another process has not synced yet waits for a sync of its own', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const [one, two] = [await opened(path), await opened(path)];
  await one.add([{ id: 'first', description: 'x' }]);
  await two.counts();
  let answer: Promise<unknown> | undefined;
  log.clear();
  log.before = (call) => {
    if (call === 'sync journal' && !answer) answer = two.add([{ id: 'own', description: 'x' }]);
  };
  await one.add([{ id: 'own', description: 'x' }]);
  log.before = () => {};
  await answer?.then(() => log.calls.push('told'));
  expect(log.calls.filter((call) => call === 'sync journal' || call === 'told')).toEqual([
    'sync journal',
    'sync journal',
    'told',
  ]);
});
