import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from '../../src/core/slots.ts';

test('a freed slot goes to whoever has waited longest', async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  const release = await slots.acquire();
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    const done = await slots.acquire();
    order.push(name);
    done();
  });
  release();
  await Promise.all(waiting);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('who comes while a slot is being handed over does not get it', async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  const release = await slots.acquire();
  const early = slots.acquire().then((done) => {
    order.push('early');
    done();
  });
  release();
  const late = slots.acquire().then((done) => {
    order.push('late');
    done();
  });
  await Promise.all([early, late]);
  expect(order).toEqual(['early', 'late']);
});

test('giving a slot back twice frees it once', async () => {
  const slots = new Slots(1);
  const release = await slots.acquire();
  release();
  release();
  await slots.acquire();
  let second = false;
  void slots.acquire().then(() => {
    second = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(second).toBe(false);
});

test('never more are inside than there are slots, and everyone gets in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
      async (count, turnsInside) => {
        const slots = new Slots(count);
        let inside = 0;
        let served = 0;
        await Promise.all(
          turnsInside.map(async (turns) => {
            const release = await slots.acquire();
            inside++;
            expect(inside).toBeLessThanOrEqual(count);
            for (let i = 0; i < turns; i++) await Promise.resolve();
            inside--;
            served++;
            release();
          }),
        );
        expect(served).toBe(turnsInside.length);
      },
    ),
  );
});
