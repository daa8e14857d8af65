import { expect, test } from 'vitest';
import { Turns } from '../../src/core/turns.ts';

test('each piece of work on the same thing waits for the one before it', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const [a, b] = [turns.take('x'), turns.take('x')];
  expect(a.before).toBeUndefined();
  expect(turns.take('y').before).toBeUndefined();
  a.end();
  const c = turns.take('x');
  const waiting = [
    b.before?.then(() => order.push('b') && b.end()),
    c.before?.then(() => order.push('c') && c.end()),
  ];
  await Promise.all(waiting);
  expect(order).toEqual(['b', 'c']);
  expect(turns.take('x').before).toBeUndefined();
});
