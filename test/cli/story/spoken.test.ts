import { expect, test } from 'vitest';
import { listed } from '../../../src/cli/story/spoken.ts';

test('names are listed as a person does', () => {
  expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
});
