import { copyFileSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { addByIntake } from '../../support/intake.ts';
import { idsOf, listed } from '../../support/store-parts.ts';
import { addAndClose, idleStore, newPath, open } from './parts.ts';

/** Of so many long tasks the lines are written in several pieces. */
const MANY = 3_000;
const long = (n: number) => ({ description: `${n} ${'ü'.repeat(500)}`, metadata: { n } });
const many = () => Array.from({ length: MANY }, (_, n) => long(n));

test('many tasks are one change: each reader sees all of them or none', async () => {
  const path = await idleStore();
  let halves = 0;
  const seen: number[] = [];
  const reader = await open(path);
  const store = await JsonTaskStore.open(path, {
    faultHook: (point) => {
      if (point === 'half-append') halves++;
    },
  });
  seen.push((await reader.counts()).total);
  const added = await addByIntake(store, many());
  expect(halves).toBeGreaterThan(3);
  seen.push((await reader.counts()).total);
  expect(seen).toEqual([2, 2 + MANY]);
  expect(added.at(-1)).toMatchObject({ id: `task-${MANY + 2}`, ...long(MANY - 1) });
  expect(await store.get(`task-${MANY + 2}`)).toEqual(added.at(-1));
  expect((await listed(store)).slice(2)).toEqual(added);
  await store.close();
});

test.each([1, 2, 4])('a disk that is full at piece %i has taken nothing, and work goes on', async (piece) => {
  const path = await idleStore();
  let halves = 0;
  const store = await JsonTaskStore.open(path, {
    faultHook: (point) => {
      if (point === 'half-append' && ++halves === piece)
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    },
  });
  onTestFinished(() => store.close());
  await expect(addByIntake(store, many())).rejects.toMatchObject({ code: 'store-unusable' });
  expect(readFileSync(`${path}.journal`, 'utf8').trimEnd().split('\n')).toHaveLength(1);
  expect(await idsOf(store)).toEqual(['task-001', 'task-002']);
  expect(await addByIntake(store, [{ description: 'three' }])).toMatchObject([{ id: 'task-003' }]);
});

test.each([1, 2, 4])(
  'a writer that dies within piece %i has added nothing, and who comes next goes on',
  async (piece) => {
    const path = await idleStore();
    const left = newPath();
    let halves = 0;
    const store = await JsonTaskStore.open(path, {
      faultHook: (point) => {
        if (point !== 'half-append' || ++halves !== piece) return;
        for (const ending of ['', '.journal']) copyFileSync(path + ending, left + ending);
      },
    });
    onTestFinished(() => store.close());
    await addByIntake(store, many());
    expect(readFileSync(`${left}.journal`, 'utf8')).toContain('"description":"0 ');
    const next = await open(left);
    expect(await idsOf(next)).toEqual(['task-001', 'task-002']);
    expect(await addByIntake(next, [{ description: 'three' }])).toMatchObject([{ id: 'task-003' }]);
    expect(await idsOf(next)).toEqual(['task-001', 'task-002', 'task-003']);
  },
);

test('an open store that takes many in goes on with what others did, and they with that', async () => {
  const path = newPath();
  await addAndClose(path, 'one');
  const [a, b] = [await open(path), await open(path)];
  await a.add([{ id: 'own', description: 'x' }]);
  const [, after] = await addByIntake(b, [
    { id: 'own', description: 'x', priority: 3 },
    { id: 'after', description: 'y', after: ['own', 'task-001'] },
  ]);
  expect(after).toMatchObject({ id: 'after', status: 'pending' });
  await a.add([{ description: 'two' }]);
  await addByIntake(a, [{ description: 'three' }]);
  await b.cancel(['task-002']);
  expect(await idsOf(a)).toEqual(['task-001', 'own', 'after', 'task-002', 'task-003']);
  expect(await idsOf(a, { status: 'failed' })).toEqual(['task-002']);
});

test('what is asked for together is done in the order it was asked for', async () => {
  const path = await idleStore();
  const store = await open(path);
  const [a, b, c, d] = await Promise.all([
    store.add([{ description: 'three' }]),
    addByIntake(store, [{ description: 'four' }]),
    store.add([{ description: 'five' }]),
    addByIntake(store, [{ id: 'task-003', description: 'other' }]).catch((error: Error) => error.message),
  ]);
  expect([a, b, c].map((added) => added[0]?.id)).toEqual(['task-003', 'task-004', 'task-005']);
  expect(d).toMatch(/^The id task-003 is taken/);
});

test('where most of them are in a file beside the store, nothing is left of it', async () => {
  const path = newPath();
  const store = await open(path);
  const intake = store.intake();
  for (let n = 0; n < 30; n++) intake.take({ description: `${n} ${'x'.repeat(1024 * 1024)}` });
  const { ids, tasks } = await intake.add();
  expect([...ids()].at(-1)).toBe('task-030');
  expect([...tasks()].map(({ description }) => Number.parseInt(description, 10))).toEqual(
    Array.from({ length: 30 }, (_, n) => n),
  );
  intake.close();
  expect((await store.get('task-030'))?.description).toHaveLength(1024 * 1024 + 3);
});
