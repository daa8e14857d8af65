import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { addByIntake } from '../support/intake.ts';
import { claimAll, claimOne, done, idsOf, runInfo } from '../support/store-parts.ts';

/** What every store does with tasks that come one by one, beside what it does with a list. @param open gives an empty store. */
export function intakeContract(name: string, open: () => Promise<TaskStore>): void {
  describe(`${name} takes tasks in`, () => {
    let store: TaskStore;

    beforeEach(async () => {
      store = await open();
    });

    afterEach(() => store.close());

    test('nothing is there before all are added', async () => {
      const intake = store.intake();
      intake.take({ description: 'one' });
      await store.add([{ description: 'meanwhile' }]);
      intake.take({ description: 'two' });
      const { count, ids } = await intake.add();
      expect([count, ...ids()]).toEqual([2, 'task-002', 'task-003']);
      intake.close();
      expect(await idsOf(store)).toEqual(['task-001', 'task-002', 'task-003']);
    });

    test('many, whose order stays and of which some wait for others that come later', async () => {
      const tasks = Array.from({ length: 700 }, (_, i) => ({
        id: `t${i}`,
        description: `do ${i}`,
        priority: i % 3,
        ...(i % 100 === 0 && { after: [`t${699 - i}`] }),
      }));
      const added = await addByIntake(store, tasks);
      expect(added.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
      expect(await idsOf(store)).toEqual(tasks.map(({ id }) => id));
      expect(await store.counts()).toMatchObject({ pending: 700, blocked: 7 });
      await store.join(runInfo('r'));
      const order = tasks
        .filter((_, i) => i % 100 > 0)
        .toSorted((a, b) => b.priority - a.priority)
        .map(({ id }) => id);
      expect(await claimAll(store, 'r')).toEqual(order);
    });

    test('all of many or none', async () => {
      const intake = store.intake();
      for (let i = 0; i < 700; i++) intake.take({ description: 'x', ...(i === 690 && { after: ['gone'] }) });
      await expect(intake.add()).rejects.toMatchObject({ code: 'not-found', index: 690 });
      intake.close();
      expect(await idsOf(store)).toEqual([]);
      expect(await store.counts()).toMatchObject({ total: 0 });
      expect(await addByIntake(store, [{ description: 'next' }])).toMatchObject([{ id: 'task-001' }]);
    });

    test('none at all', async () => {
      expect(await addByIntake(store, [])).toEqual([]);
      expect(await idsOf(store)).toEqual([]);
    });

    test('what is there already is told beside what was given', async () => {
      await store.add([{ id: 'a', description: 'x', priority: 1 }]);
      await store.join(runInfo('r'));
      await store.settle((await claimOne(store, 'r')).lease, done('ok'));
      const intake = store.intake();
      const given = [
        { id: 'a', description: 'x', priority: 2 },
        { id: 'b', description: 'y', tags: ['t'] },
        { description: 'z' },
        { id: 'b', description: 'y' },
      ];
      for (const task of given) intake.take(task);
      const added = await intake.add();
      expect([...added.tasks()]).toMatchObject([
        { id: 'a', status: 'completed', priority: 1 },
        { id: 'b', tags: ['t'], status: 'pending', history: [] },
        { id: 'task-001', description: 'z' },
        { id: 'b', tags: ['t'] },
      ]);
      expect([...added.there()]).toMatchObject([
        { given: given[0], kept: { id: 'a', status: 'completed' } },
        { given: given[3], kept: { id: 'b', tags: ['t'] } },
      ]);
      intake.close();
      expect(await idsOf(store)).toEqual(['a', 'b', 'task-001']);
    });
  });
}
