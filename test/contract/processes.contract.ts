import { expect, onTestFinished, test, vi } from 'vitest';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { openStore } from '../support/open-store.ts';
import { idsOf, listed } from '../support/store-parts.ts';
import { StoreProcess, together } from '../support/store-process.ts';

// Some hundred durable writes: a slow disk may take its time.
vi.setConfig({ testTimeout: 300_000 });

/** What processes come to that share a store. @param newPlace where one can be made. @param each how many tasks a process adds */
export function processesContract(name: string, newPlace: () => Promise<string>, each: number): void {
  test(`${name}: 4 processes that share 200 tasks do each exactly once`, async () => {
    const place = await newPlace();
    const store = await opened(place);
    await store.add(Array.from({ length: 200 }, (_, i) => ({ description: `work ${i}` })));
    const worked = (await together(4, place, 'work')).flat();
    expect(worked.sort()).toEqual((await idsOf(store)).sort());
    for (const task of await listed(store)) {
      expect(task).toMatchObject({ status: 'completed', attempts: 1, history: [{ outcome: 'passed' }] });
      expect(task.history).toHaveLength(1);
    }
    expect(await store.runs()).toEqual([]);
  });

  test(`${name}: 8 processes that add ${each} tasks each while 3 runs work: each task is completed once`, async () => {
    const place = await newPlace();
    const store = await opened(place);
    await store.add([]);
    const runs = await runsOn(place, 3);
    const added = (await together(8, place, 'add', `${each}`)).flat();
    expect(new Set(added).size).toBe(8 * each);
    await completed(store, 8 * each);
    expect(await store.control('stop')).toHaveLength(3);
    const executed = await Promise.all(runs.map(async (run) => JSON.parse(await run.line()) as string[]));
    expect(executed.flat().sort()).toEqual(added.sort());
    for (const run of runs) expect(await run.end()).toBe(0);
    const tasks = await listed(store);
    expect(tasks.map(({ id }) => id).sort()).toEqual(added);
    for (const task of tasks) {
      expect(task).toMatchObject({ status: 'completed', attempts: 1, result: `did ${task.description}` });
      expect(task.history).toHaveLength(1);
      expect(task.crashes).toBeUndefined();
    }
  });

  test(`${name}: a run that has nothing left is woken by what another process adds`, async () => {
    const place = await newPlace();
    const store = await opened(place);
    const [run] = await runsOn(place, 1);
    for (let round = 1; round <= 3; round++) {
      await together(1, place, 'add', '1');
      await completed(store, round);
    }
    await store.control('stop');
    expect(JSON.parse((await run?.line()) ?? '')).toEqual(['task-001', 'task-002', 'task-003']);
  });
}

async function opened(place: string): Promise<TaskStore> {
  const store = await openStore(place);
  onTestFinished(() => store.close());
  return store;
}

/** Resolves when so many tasks of the store are completed. Nobody looks at a clock: the store says when it changes. */

async function completed(store: TaskStore, count: number): Promise<void> {
  const done = Promise.withResolvers<void>();
  const look = async () => {
    if ((await store.counts()).completed === count) done.resolve();
  };
  const end = store.changes(() => void look().catch(done.reject));
  look().catch(done.reject);
  await done.promise.finally(end);
}

async function runsOn(place: string, count: number): Promise<StoreProcess[]> {
  const runs = Array.from({ length: count }, () => new StoreProcess(place, 'run'));
  for (const run of runs) {
    await run.ready();
    run.go();
  }
  for (const run of runs) expect(await run.line()).toBe('running');
  return runs;
}
