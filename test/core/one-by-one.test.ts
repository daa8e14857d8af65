import { expect, test } from 'vitest';
import { OneByOne } from '../../src/core/one-by-one.ts';

test('each piece of work on the same thing waits for the one before it', async () => {
  const pieces = new OneByOne();
  const order: string[] = [];
  const [a, b] = [pieces.next('x'), pieces.next('x')];
  expect(a.before).toBeUndefined();
  expect(pieces.next('y').before).toBeUndefined();
  a.end();
  const c = pieces.next('x');
  const waiting = [
    b.before?.then(() => order.push('b') && b.end()),
    c.before?.then(() => order.push('c') && c.end()),
  ];
  await Promise.all(waiting);
  expect(order).toEqual(['b', 'c']);
  expect(pieces.next('x').before).toBeUndefined();
});
