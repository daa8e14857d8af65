import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffDelay } from '../../src/core/backoff.ts';

const backoff = { baseMs: 1000, capMs: 60_000 };

test('the bound doubles with each failure, up to the cap', () => {
  const bounds = [1, 2, 3, 4, 7, 50].map((failures) => backoffDelay(backoff, failures, () => 1));
  expect(bounds).toEqual([1000, 2000, 4000, 8000, 60_000, 60_000]);
});

test('full jitter: the wait lies anywhere between nothing and the bound', () => {
  expect(backoffDelay(backoff, 3, () => 0)).toBe(0);
  expect(backoffDelay(backoff, 3, () => 0.5)).toBe(2000);
});

test('never before the service asked to be tried again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 3_600_000 }),
      (failures, dice, asked) => {
        const delay = backoffDelay(backoff, failures, () => dice, asked);
        expect(delay).toBeGreaterThanOrEqual(asked);
        expect(delay).toBeLessThanOrEqual(asked + backoff.capMs);
      },
    ),
  );
});

test('a service that does not say until when is asked again after the cap', () => {
  expect(backoffDelay(backoff, 1, () => 0, Infinity)).toBe(60_000);
});
