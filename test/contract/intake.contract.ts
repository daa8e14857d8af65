import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { addByIntake } from '../support/intake.ts';
import { claimOne, done, idsOf, runInfo } from '../support/store-parts.ts';

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
