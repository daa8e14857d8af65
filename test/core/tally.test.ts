import { expect, test } from 'vitest';
import { Tally } from '../../src/core/tally.ts';

test('a task counts once, however often it was tried', () => {
  const tally = new Tally(0);
  for (let i = 0; i < 3; i++) {
    tally.start('a');
    tally.sentBack('a');
  }
  tally.start('a');
  tally.completed('a');
  expect(tally.stats(2000)).toMatchObject({
    processed: 1,
    completed: 1,
    retried: 1,
    elapsedSeconds: 2,
    successRate: 1,
  });
});

test('one that was reset after its end counts as it ends at last', () => {
  const tally = new Tally(0);
  tally.start('a');
  tally.failed('a');
  tally.start('a');
  expect(tally.stats(0)).toMatchObject({ processed: 1, completed: 0, failed: 0 });
  tally.completed('a');
  expect(tally.stats(0)).toMatchObject({ processed: 1, completed: 1, failed: 0, successRate: 1 });
  expect(tally.started).toBe(1);
});

test('one that ends twice without a start in between counts once', () => {
  const tally = new Tally(0);
  tally.failed('a');
  tally.failed('a');
  expect(tally.stats(0)).toMatchObject({ processed: 1, failed: 1 });
});

test('the rate is of those that ended', () => {
  const tally = new Tally(0);
  for (const id of ['a', 'b', 'c', 'd']) tally.start(id);
  tally.completed('a');
  tally.completed('b');
  tally.failed('c');
  expect(tally.stats(0)).toMatchObject({ processed: 4, successRate: 2 / 3 });
});
