import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOrchError } from '../../src/model/errors.ts';
import type { NewTask } from '../../src/model/task.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { claimOne, done, runInfo } from '../support/store-parts.ts';

/** Batches of tasks that name each other in any direction, within a batch and across. */
const batches = fc.array(
  fc.array(fc.record({ id: fc.nat(3), after: fc.array(fc.nat(3), { maxLength: 2 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
  { maxLength: 4 },
);

const tasksOf = (batch: { id: number; after: number[] }[]): NewTask[] =>
  batch.map(({ id, after }) => ({
    id: `t${id}`,
    description: 'x',
    after: after.map((other) => `t${other}`),
  }));

test('whatever is added, all of it can be done; what is refused is not there', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(batches, async (all) => {
      const store = new MemoryTaskStore();
      await store.join(runInfo('a'));
      for (const batch of all) {
        const { total } = await store.counts();
        await store.add(tasksOf(batch)).catch(async (error: unknown) => {
          refused++;
          expect(isOrchError(error)).toBe(true);
          expect((await store.counts()).total).toBe(total);
        });
      }
      const { total } = await store.counts();
      for (let i = 0; i < total; i++) await store.settle((await claimOne(store, 'a')).lease, done('ok'));
      expect(await store.counts()).toMatchObject({ completed: total, pending: 0 });
    }),
  );
  expect(refused).toBeGreaterThan(0);
});
