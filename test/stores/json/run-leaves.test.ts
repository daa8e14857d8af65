import { expect, test } from 'vitest';
import { runInfo } from '../../support/store-parts.ts';
import { newPath, open } from './parts.ts';

test('who has seen that a run lives hears when it has left, though it changes nothing else', async () => {
  const path = newPath();
  const [one, two] = [await open(path), await open(path)];
  await one.add([{ description: 'x' }]);
  await two.join(runInfo('a'));
  expect(await one.runs()).toMatchObject([{ id: 'a' }]);
  const heard = new Promise<void>((resolve) => void one.changes(resolve));
  await two.leave('a');
  await heard;
  expect(await one.runs()).toEqual([]);
});
