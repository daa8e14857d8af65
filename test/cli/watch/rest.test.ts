import { expect, test } from 'vitest';
import { restMs } from '../../../src/cli/watch/watch-store.ts';

test('watch rests longer after a look that took long, and not for minutes after one that waited for a database', () => {
  expect([0, 1000, 300_000].map(restMs)).toEqual([100, 4000, 10_000]);
});
