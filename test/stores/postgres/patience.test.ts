import { expect, test } from 'vitest';
import { PATIENCE_MS, Patience } from '../../../src/stores/postgres/connection/patience.ts';

/** One whose time stands still. */
function patience() {
  let now = 1_000_000;
  const one = new Patience(() => now);
  return {
    one,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const GONE = new Error('gone');

test('a database that was lost is tried for five minutes, however often', () => {
  const { one, pass } = patience();
  expect(PATIENCE_MS).toBe(300_000);
  one.lost(GONE);
  for (let i = 0; i < 10; i++) {
    pass(29_999);
    one.lost(GONE);
    expect(one.lasts).toBe(true);
    expect(one.known).toBeUndefined();
  }
  pass(10);
  one.lost(GONE);
  expect(one.lasts).toBe(false);
});

test('when it was there in between, it is five minutes again', () => {
  const { one, pass } = patience();
  one.lost(GONE);
  pass(299_000);
  one.found();
  expect(one.isLost).toBe(false);
  one.lost(GONE);
  pass(299_999);
  expect(one.lasts).toBe(true);
});

test('who asks when it is over is told why at once, for a while', () => {
  const { one, pass } = patience();
  one.lost(GONE);
  pass(300_000);
  one.lost(GONE);
  expect(one.known).toBe(GONE);
  pass(5000);
  expect(one.known).toBeUndefined();
});

test('it can be made shorter, from now on, and not longer', () => {
  const { one, pass } = patience();
  one.lost(GONE);
  pass(10_000);
  one.shorten(3000);
  one.shorten(60_000);
  pass(2999);
  expect(one.lasts).toBe(true);
  pass(1);
  expect(one.lasts).toBe(false);
});
