import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Task } from '../../src/model/task.ts';
import { InProgress } from '../../src/stores/in-progress.ts';

/** What is done to a task: a run holds it now, nobody does though it is in progress, or it is so no more. */
const steps = fc.array(
  fc.record({ id: fc.constantFrom('1', '2', '3', '4'), run: fc.constantFrom('a', 'b', 'nobody', 'ended') }),
  { maxLength: 60 },
);

test('whether all are held by one run, as counting them comes to', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const inProgress = new InProgress();
      const runs = new Map<string, string>();
      for (const { id, run } of all) {
        if (run === 'ended') {
          inProgress.delete(id);
          runs.delete(id);
        } else {
          inProgress.set({ id, ...(run !== 'nobody' && { lease: { run } }) } as Task);
          runs.set(id, run);
        }
        for (const asked of ['a', 'b']) {
          expect(inProgress.isAllOf(asked)).toBe([...runs.values()].every((holder) => holder === asked));
        }
        expect(new Set([...inProgress.values()].map((task) => task.id))).toEqual(new Set(runs.keys()));
      }
    }),
  );
});
