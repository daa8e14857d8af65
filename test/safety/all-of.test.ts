import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SafetyCheck } from '../../src/ports/safety-check.ts';
import { allSafe } from '../../src/safety/all-of.ts';
import { CircuitBreaker } from '../../src/safety/circuit-breaker.ts';
import { DurationLimit } from '../../src/safety/duration-limit.ts';

/** Writes down all that it is told. */
class Recorder implements SafetyCheck {
  readonly told: string[] = [];
  stopReason: string | undefined;
  readonly deadline: number | undefined;

  constructor(deadline?: number) {
    this.deadline = deadline;
  }

  allowContinue(): boolean {
    return this.stopReason === undefined;
  }

  recordAttempt(): void {
    this.told.push('attempt');
  }

  recordSuccess(): void {
    this.told.push('success');
  }

  recordFailure(reason: string): void {
    this.told.push(reason);
  }
}

test('each learns of everything, also when one has tripped', () => {
  const [first, second] = [new Recorder(), new Recorder()];
  const all = allSafe(first, second);
  first.stopReason = 'enough';
  all.allowContinue();
  all.recordAttempt?.();
  all.recordSuccess();
  all.recordFailure('why');
  expect(first.told).toEqual(['attempt', 'success', 'why']);
  expect(second.told).toEqual(first.told);
});

test('one that says no stops the run, for good, and its reason is the reason', () => {
  const [first, second] = [new Recorder(), new Recorder()];
  const all = allSafe(first, second);
  expect([all.allowContinue(), all.stopReason]).toEqual([true, undefined]);
  second.stopReason = 'second';
  expect([all.allowContinue(), all.stopReason]).toEqual([false, 'second']);
  first.stopReason = 'first';
  expect([all.allowContinue(), all.stopReason]).toEqual([false, 'second']);
  first.stopReason = undefined;
  expect(all.allowContinue()).toBe(false);
});

test('the reason is of the one that tripped first, also when a record tripped it before anybody asked', () => {
  const clock = { at: 0, now: () => clock.at };
  const all = allSafe(
    new DurationLimit({ maxDurationMs: 1000, clock }),
    new CircuitBreaker({ maxConsecutiveFailures: 1 }),
  );
  all.allowContinue();
  all.recordFailure('bad');
  expect(all.stopReason).toContain('1 task in a row failed');
  clock.at = 5000;
  expect(all.allowContinue()).toBe(false);
  expect(all.stopReason).toContain('1 task in a row failed');
});

test('the deadline is the earliest of those that have one', () => {
  expect(allSafe(new Recorder(), new Recorder(200), new Recorder(100)).deadline).toBe(100);
  expect(allSafe(new Recorder()).deadline).toBeUndefined();
});

test('without any it never stops a run', () => {
  const none = allSafe();
  none.recordFailure('why');
  expect([none.allowContinue(), none.stopReason, none.deadline]).toEqual([true, undefined, undefined]);
});

test('it goes on exactly as long as each of them would by itself', () => {
  const limits = fc.record({
    maxIterations: fc.integer({ min: 1, max: 6 }),
    maxConsecutiveFailures: fc.integer({ min: 1, max: 6 }),
  });
  const happenings = fc.array(fc.constantFrom('attempt', 'success', 'failure'), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(limits, { maxLength: 4 }), happenings, (each, what) => {
      const alone = each.map((limit) => new CircuitBreaker(limit));
      const all = allSafe(...each.map((limit) => new CircuitBreaker(limit)));
      for (const happening of what) {
        for (const check of [all, ...alone]) {
          if (happening === 'attempt') check.recordAttempt?.();
          if (happening === 'success') check.recordSuccess();
          if (happening === 'failure') check.recordFailure('no');
        }
        expect(all.allowContinue()).toBe(alone.map((check) => check.allowContinue()).every(Boolean));
        expect(all.stopReason === undefined).toBe(all.allowContinue());
        if (all.stopReason) expect(alone.map((check) => check.stopReason)).toContain(all.stopReason);
      }
    }),
  );
});
