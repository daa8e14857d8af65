import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FailureRateLimit } from '../../src/safety/failure-rate-limit.ts';

function after(limit: FailureRateLimit, outcomes: string): FailureRateLimit {
  for (const [i, outcome] of [...outcomes].entries()) {
    if (outcome === 'x') limit.recordFailure(`reason ${i}`);
    else limit.recordSuccess();
  }
  return limit;
}

describe('a limit on the share of failed tasks', () => {
  test('trips with the failure that exceeds it, and says the last reason', () => {
    const limit = after(new FailureRateLimit({ maxFailureRate: 0.5 }), '.x'.repeat(10));
    expect(limit.allowContinue()).toBe(true);
    after(limit, 'x');
    expect(limit.allowContinue()).toBe(false);
    expect(limit.stopReason).toBe('11 of the last 20 tasks failed (limit 50 %), the last: reason 0');
  });

  test('says nothing before enough have ended', () => {
    expect(after(new FailureRateLimit({ maxFailureRate: 0.1 }), 'x'.repeat(19)).allowContinue()).toBe(true);
    expect(after(new FailureRateLimit({ maxFailureRate: 0.1 }), 'x'.repeat(20)).allowContinue()).toBe(false);
  });

  test('stays tripped, whatever succeeds after that', () => {
    const limit = after(new FailureRateLimit({ maxFailureRate: 0.5, window: 2 }), 'xx....');
    expect(limit.stopReason).toContain('2 of the last 2 tasks failed');
    expect(limit.allowContinue()).toBe(false);
  });

  test('trips if and only if a failure makes it too many of those in sight', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 40 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 10 }),
        (failures, window, tenths) => {
          const limit = new FailureRateLimit({ maxFailureRate: tenths / 10, window });
          let tooMany = false;
          for (const [i, failed] of failures.entries()) {
            if (failed) limit.recordFailure('no');
            else limit.recordSuccess();
            const seen = failures.slice(Math.max(0, i + 1 - window), i + 1);
            tooMany ||=
              failed && seen.length === window && seen.filter(Boolean).length > (tenths / 10) * window;
            expect(limit.allowContinue()).toBe(!tooMany);
          }
        },
      ),
    );
  });

  test.each([0, -1, 1.1, Number.NaN])('%d is no rate', (maxFailureRate) => {
    expect(() => new FailureRateLimit({ maxFailureRate })).toThrow('above 0 and at most 1');
  });

  test('a window is a whole number', () => {
    expect(() => new FailureRateLimit({ maxFailureRate: 0.5, window: 0 })).toThrow('window');
  });
});
