import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inParallel } from '../../../src/cli/audit/in-parallel.ts';

async function* upTo(n: number): AsyncIterable<number> {
  for (let i = 0; i < n; i++) yield i;
}

test('each item is done once, and never more at once than was said, nor fewer than there could be', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 6 }), async (n, concurrency) => {
      const done: number[] = [];
      let [now, most] = [0, 0];
      await inParallel(upTo(n), concurrency, async (item) => {
        most = Math.max(most, ++now);
        for (let i = 0; i < 10; i++) await Promise.resolve();
        now--;
        done.push(item);
      });
      expect(done.sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
      expect(most).toBe(Math.min(n, concurrency));
    }),
  );
});

test('what fails ends it, and nothing new is begun', async () => {
  const begun: number[] = [];
  const work = inParallel(upTo(100), 2, async (item) => {
    begun.push(item);
    if (item === 3) throw new Error('broken');
  });
  await expect(work).rejects.toThrow('broken');
  expect(begun.length).toBeLessThan(10);
});
