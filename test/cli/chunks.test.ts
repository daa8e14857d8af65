import { expect, test } from 'vitest';
import { chunksOf } from '../../src/cli/chunks.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

test('chunks grow, up to a size, and hold each item once, in order', async () => {
  const chunks: number[][] = [];
  for await (const chunk of chunksOf(numbers(300), 80)) chunks.push(chunk);
  expect(chunks.map(({ length }) => length)).toEqual([20, 40, 80, 80, 80]);
  expect(chunks.flat()).toEqual(Array.from({ length: 300 }, (_, i) => i));
});
