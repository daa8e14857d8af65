import { expect, test } from 'vitest';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { ManualClock } from './manual-clock.ts';
import { claimOne, LEASE_MS, runInfo } from './store-parts.ts';

test('the clock stands still until it is moved, and moves by what it is told', async () => {
  const clock = new ManualClock();
  const start = clock.now();
  await new Promise((resolve) => setImmediate(resolve));
  expect(clock.now()).toBe(start);
  clock.advance(1500);
  expect(clock.now()).toBe(start + 1500);
  expect(clock.in(500)).toBe(new Date(start + 2000).toISOString());
});

test('the clock never goes back', () => {
  expect(() => new ManualClock().advance(-1)).toThrow(RangeError);
});

test('control: a lease ends by the manual clock, and by nothing else', async () => {
  const clock = new ManualClock();
  const store = new MemoryTaskStore({ clock });
  await store.add([{ description: 'work' }]);
  await store.join(runInfo('a'));
  await store.join(runInfo('b'));
  await claimOne(store, 'a');
  const other = { run: 'b', leaseMs: LEASE_MS };
  clock.advance(LEASE_MS - 1);
  expect(await store.claim(other)).toMatchObject({ leaseEndsAt: clock.in(1) });
  clock.advance(1);
  expect(await store.claim(other)).toMatchObject({ leaseEndsAt: clock.in(LEASE_MS / 3) });
  clock.advance(LEASE_MS / 3 - 1);
  expect((await store.claim(other)).task).toBeUndefined();
  clock.advance(1);
  expect((await store.claim(other)).task?.id).toBe('task-001');
});
