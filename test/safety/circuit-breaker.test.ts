import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../src/safety/circuit-breaker.ts';

function times(n: number, act: () => void): void {
  for (let i = 0; i < n; i++) act();
}

describe('iterations', () => {
  test('end after 100 attempts by default', () => {
    const breaker = new CircuitBreaker();
    times(99, () => breaker.recordAttempt());
    expect(breaker.allowContinue()).toBe(true);
    breaker.recordAttempt();
    expect(breaker.allowContinue()).toBe(false);
    expect(breaker.stopReason).toBe('100 attempts began (limit 100)');
  });

  test('that are just enough trip nothing', () => {
    const breaker = new CircuitBreaker({ maxIterations: 1 });
    breaker.recordAttempt();
    expect(breaker.stopReason).toBeUndefined();
  });

  test('have no limit when it is Infinity', () => {
    const breaker = new CircuitBreaker({ maxIterations: Number.POSITIVE_INFINITY });
    times(10_000, () => breaker.recordAttempt());
    expect(breaker.allowContinue()).toBe(true);
  });
});

describe('failures in a row', () => {
  test('end after 10 by default, with the last reason', () => {
    const breaker = new CircuitBreaker();
    times(9, () => breaker.recordFailure('no'));
    expect(breaker.allowContinue()).toBe(true);
    breaker.recordFailure('no\n  luck ');
    expect(breaker.allowContinue()).toBe(false);
    expect(breaker.stopReason).toBe('10 tasks in a row failed (limit 10), the last: no luck');
  });

  test('are counted anew after a success', () => {
    const breaker = new CircuitBreaker({ maxConsecutiveFailures: 2 });
    times(5, () => {
      breaker.recordFailure('no');
      breaker.recordSuccess();
    });
    expect(breaker.allowContinue()).toBe(true);
  });

  test('that tripped it stay so after a late success, with the first reason', () => {
    const breaker = new CircuitBreaker({ maxIterations: 1, maxConsecutiveFailures: 1 });
    breaker.recordAttempt();
    breaker.recordFailure('first');
    breaker.recordSuccess();
    breaker.recordFailure('second');
    expect(breaker.allowContinue()).toBe(false);
    expect(breaker.stopReason).toBe('1 task in a row failed (limit 1), the last: first');
  });

  test('have no limit when it is Infinity', () => {
    const breaker = new CircuitBreaker({ maxConsecutiveFailures: Number.POSITIVE_INFINITY });
    times(10_000, () => breaker.recordFailure('no'));
    expect(breaker.allowContinue()).toBe(true);
  });

  test('of great length are told of briefly', () => {
    const breaker = new CircuitBreaker({ maxConsecutiveFailures: 1 });
    breaker.recordFailure('x'.repeat(5000));
    expect(breaker.stopReason).toMatch(/the last: x{299}…$/);
  });
});

test.each(['maxIterations', 'maxConsecutiveFailures'])('%s that is no limit is refused', (name) => {
  for (const value of [0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY]) {
    expect(() => new CircuitBreaker({ [name]: value })).toThrow(
      `Expected ${name} to be a whole number of at least 1, got ${value}`,
    );
  }
});

test('whatever happens: never more attempts than allowed, it trips at the first row of failures, and it stays tripped', () => {
  const limit = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(Number.POSITIVE_INFINITY));
  const happening = fc.constantFrom('attempt', 'success', 'failure');
  fc.assert(
    fc.property(
      limit,
      limit,
      fc.array(happening, { maxLength: 60 }),
      (maxIterations, maxFailures, happenings) => {
        const breaker = new CircuitBreaker({ maxIterations, maxConsecutiveFailures: maxFailures });
        let attempts = 0;
        let inARow = 0;
        let rowTripped = false;
        let reason: string | undefined;
        for (const what of happenings) {
          if (what === 'attempt' && breaker.allowContinue()) {
            breaker.recordAttempt();
            attempts++;
          }
          if (what === 'success') {
            breaker.recordSuccess();
            inARow = 0;
          }
          if (what === 'failure') {
            breaker.recordFailure('no');
            inARow++;
          }
          rowTripped ||= inARow >= maxFailures;
          expect(attempts).toBeLessThanOrEqual(maxIterations);
          expect(breaker.allowContinue()).toBe(!rowTripped && attempts < maxIterations);
          expect(breaker.stopReason === undefined).toBe(breaker.allowContinue());
          expect(breaker.stopReason).toBe(reason ?? breaker.stopReason);
          reason = breaker.stopReason;
        }
      },
    ),
  );
});
