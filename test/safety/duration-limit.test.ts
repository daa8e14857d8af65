import { expect, test } from 'vitest';
import { DurationLimit } from '../../src/safety/duration-limit.ts';

/** Stands still until it is set. */
const clock = { at: 0, now: () => clock.at };

function limitOf(maxDurationMs: number): DurationLimit {
  clock.at = 1_000_000;
  return new DurationLimit({ maxDurationMs, clock });
}

test('the time begins when it is first asked', () => {
  const limit = limitOf(5000);
  expect(limit.deadline).toBeUndefined();
  clock.at += 60_000;
  expect(limit.allowContinue()).toBe(true);
  expect(limit.deadline).toBe(1_065_000);
  clock.at += 4999;
  expect(limit.allowContinue()).toBe(true);
  expect(limit.deadline).toBe(1_065_000);
  expect(limit.stopReason).toBeUndefined();
});

test('at the deadline it trips, and stays tripped though the clock is set back', () => {
  const limit = limitOf(5000);
  limit.allowContinue();
  clock.at += 5000;
  expect(limit.allowContinue()).toBe(false);
  clock.at -= 5000;
  expect(limit.allowContinue()).toBe(false);
  expect(limit.stopReason).toBe('the run took 5s (limit 5s)');
});

test.each([
  [5_000, 7_250, '7s', '5s'],
  [250, 500, '0.5s', '0.25s'],
  [90_000, 100_000, '1m40s', '1m30s'],
  [5_400_000, 5_403_999, '1h30m3s', '1h30m'],
  [7_200_000, 7_200_000, '2h', '2h'],
])('a limit of %i ms that is noticed after %i ms says %s and %s', (max, after, took, of) => {
  const limit = limitOf(max);
  limit.allowContinue();
  clock.at += after;
  limit.allowContinue();
  expect(limit.stopReason).toBe(`the run took ${took} (limit ${of})`);
});

test('what is no length of time is refused', () => {
  for (const maxDurationMs of [0, -1, Number.NaN]) {
    expect(() => new DurationLimit({ maxDurationMs })).toThrow(
      `Expected maxDurationMs to be more than 0 milliseconds, got ${maxDurationMs}`,
    );
  }
});
