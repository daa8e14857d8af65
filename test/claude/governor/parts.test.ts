import { describe, expect, test } from 'vitest';
import { Agreement } from '../../../src/claude/governor/agreement.ts';
import { Division } from '../../../src/claude/governor/division.ts';
import { Estimates, takenBy } from '../../../src/claude/governor/estimates.ts';
import { LastMinute } from '../../../src/claude/governor/last-minute.ts';
import { Notices } from '../../../src/claude/governor/notices.ts';
import { Pace } from '../../../src/claude/governor/pace.ts';
import { Refusals } from '../../../src/claude/governor/refusals.ts';
import { elapsed } from '../../../src/claude/governor/time.ts';
import { troubleOf } from '../../../src/claude/governor/trouble.ts';
import { Window } from '../../../src/claude/governor/window.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

describe('Agreement', () => {
  const answers = (...errors: number[]) => {
    const agreement = new Agreement();
    return errors.map((error) => agreement.of(error));
  };

  test('is reached by five of one sign in a row, on the least of them', () => {
    expect(answers(4, 3, 5, 3, 9).at(-1)).toBe(3);
    expect(answers(-4, -3, -5, -3, -9).at(-1)).toBe(-3);
  });

  test('begins anew when one says otherwise, or nothing, and after it was reached', () => {
    expect(answers(4, 4, 4, 4, -1, 4, 4, 4, 4).every((answer) => answer === undefined)).toBe(true);
    expect(answers(4, 4, 4, 4, 0, 4, 4, 4, 4).every((answer) => answer === undefined)).toBe(true);
    expect(answers(4, 4, 4, 4, 4, 2, 2, 2, 2, 2).filter((answer) => answer !== undefined)).toEqual([4, 2]);
  });
});

describe('Window', () => {
  const after = (overloadedInAHundred: number): number => {
    const window = new Window();
    window.wanted(64);
    for (let call = 0; call < 10_000; call++) {
      if (call % 100 < overloadedInAHundred) window.overloaded();
      else window.good();
    }
    return window.size;
  };

  test('is as wide as what is wanted, and grows with it', () => {
    const window = new Window();
    window.wanted(8);
    expect(window.size).toBe(8);
    window.wanted(64);
    window.wanted(3);
    expect(window.size).toBe(64);
  });

  test('an overload among a hundred calls is hardly seen, a rising share makes it smaller, a total one leaves one call', () => {
    expect(after(1)).toBeGreaterThan(60);
    expect(after(10)).toBeGreaterThan(15);
    expect(after(10)).toBeLessThan(30);
    expect(after(100)).toBe(1);
  });
});

describe('Pace', () => {
  /** Calls that a pace allows within so many seconds, when there is always one that could go. */
  const sent = (pace: Pace, fromMs: number, seconds: number): number => {
    let count = 0;
    for (let now = fromMs; now < fromMs + seconds * 1000; now += 5) {
      if (pace.wait(now) > 0) continue;
      pace.sent(now);
      count += 1;
    }
    return count;
  };

  test('is none until it is slowed down, then three quarters of what was sent, growing by a hundredth a second', () => {
    const pace = new Pace();
    for (let now = 0; now < 10_000; now += 100) {
      expect(pace.wait(now)).toBe(0);
      pace.sent(now);
    }
    pace.slowDown(10_000);
    expect(sent(pace, 10_000, 10) / 10).toBeCloseTo(7.8, 0);
    expect(sent(pace, 80_000, 10) / 10).toBeCloseTo(15.5, 0);
  });

  test('is gone after some minutes', () => {
    const pace = new Pace();
    pace.sent(0);
    pace.slowDown(1000);
    sent(pace, 1000, 240);
    expect(sent(pace, 250_000, 1)).toBe(200);
  });

  test('is lowered once for calls that fail together, and again for those after', () => {
    const pace = new Pace();
    for (let now = 0; now < 10_000; now += 10) pace.sent(now);
    for (let call = 0; call < 50; call++) pace.slowDown(10_000 + call);
    expect(sent(pace, 10_050, 1)).toBeGreaterThan(65);
    pace.slowDown(11_100);
    expect(sent(pace, 11_100, 1)).toBeLessThan(65);
  });

  test('never stands still', () => {
    const pace = new Pace();
    for (let second = 0; second < 1000; second++) pace.slowDown(second * 1000);
    expect(pace.wait(999_000)).toBeLessThanOrEqual(10_000);
  });
});

describe('Refusals', () => {
  test('one in a hundred calls is no sign; one in ten is, after a few', () => {
    const rare = new Refusals();
    const often = new Refusals();
    const seen = { rare: 0, often: 0 };
    for (let call = 1; call <= 1000; call++) {
      if (call % 100 === 0) seen.rare += Number(rare.refused(call, call));
      else rare.passed();
      if (call % 10 === 0) seen.often += Number(often.refused(call, call));
      else often.passed();
    }
    expect(seen.rare).toBe(0);
    expect(seen.often).toBeGreaterThan(95);
  });

  test('those that were under way together count once', () => {
    const refusals = new Refusals();
    for (let call = 0; call < 50; call++) expect(refusals.refused(call, 100)).toBe(false);
  });
});

describe('Division', () => {
  test('is by the number of runs while the limit is used', () => {
    const division = new Division();
    for (let now = 0; now < 60_000; now += 100) division.seen(0.1, now);
    expect(division.among(3)).toBe(3);
    expect(division.among(2)).toBe(2);
  });

  test('this run takes more while others leave half of it unused, up to all, and is content again when they come back', () => {
    const division = new Division();
    division.among(2);
    for (let now = 0; now <= 1900; now += 100) division.seen(0.8, now);
    expect(division.among(2)).toBe(2);
    for (let now = 2000; now <= 12_000; now += 100) division.seen(0.8, now);
    expect(division.among(2)).toBe(1);
    division.seen(0.5, 12_100);
    expect(division.among(2)).toBe(1);
    division.seen(0.49, 12_200);
    expect(division.among(2)).toBe(2);
  });
});

describe('LastMinute', () => {
  test('tells by how much a sum has grown within a minute, five seconds more or less', () => {
    const lastMinute = new LastMinute();
    let sum = 0;
    for (let now = 0; now < 300_000; now += 100) {
      lastMinute.note(sum, now);
      sum += 1;
      if (now < 50_000) expect(lastMinute.growth(sum)).toBe(sum);
    }
    expect(lastMinute.growth(sum)).toBeGreaterThanOrEqual(550);
    expect(lastMinute.growth(sum)).toBeLessThanOrEqual(600);
    lastMinute.note(sum, 400_000);
    expect(lastMinute.growth(sum)).toBe(0);
  });
});

describe('Estimates', () => {
  const size = { characters: 4000, maxTokens: 8192 };

  test('expects a token for four characters and a thousand of output, until it has seen better', () => {
    const estimates = new Estimates();
    expect(estimates.expected(size)).toEqual({ requests: 1, inputTokens: 1000, outputTokens: 1000 });
    estimates.learn(size, { inputTokens: 2000, outputTokens: 300 });
    expect(estimates.expected(size)).toEqual({ requests: 1, inputTokens: 2000, outputTokens: 300 });
    estimates.learn(size, { inputTokens: 2000, outputTokens: 1300 });
    expect(estimates.expected(size).outputTokens).toBe(400);
  });

  test('expects no more output than the call may have', () => {
    expect(new Estimates().expected({ characters: 0, maxTokens: 50 }).outputTokens).toBe(50);
  });

  test('what is read from a cache does not count, what is written to it does', () => {
    const usage = { inputTokens: 10, cacheReadTokens: 500, cacheWriteTokens: 70, outputTokens: 3 };
    expect(takenBy(usage)).toEqual({ requests: 1, inputTokens: 80, outputTokens: 3 });
  });
});

test.each([
  [{ status: 529, type: 'overloaded_error' }, 'overload'],
  [{ type: 'overloaded_error' }, 'overload'],
  [{ status: 503 }, 'overload'],
  [{ name: 'APIConnectionError', message: 'x' }, 'overload'],
  [{ status: 429, errorCode: 'ramp_limit_exceeded' }, 'ramp'],
  [{ status: 429, type: 'rate_limit_error' }, undefined],
  [{ status: 500, type: 'api_error' }, undefined],
  [new DOMException('aborted', 'AbortError'), undefined],
])('what %j says of the pace: %s', (error, trouble) => expect(troubleOf(error)).toBe(trouble));

describe('Notices', () => {
  test('come soon, at most four times a second, and after the last change', async () => {
    const time = new VirtualTime();
    const notices = new Notices(time);
    let told = 0;
    const end = notices.listen(() => {
      told += 1;
    });
    for (let ms = 0; ms < 1000; ms += 10) {
      notices.changed();
      await time.pass(10);
    }
    expect(told).toBe(4);
    await time.pass(1000);
    expect([told, time.timers]).toEqual([4, 0]);
    notices.changed();
    expect(time.timers).toBe(1);
    end();
    notices.changed();
    expect([told, time.timers]).toEqual([4, 0]);
  });
});

test('time does not go back with the clock, and goes on from there', async () => {
  const time = new VirtualTime();
  const now = elapsed(time);
  await time.pass(1000);
  expect(now()).toBe(1000);
  time.set(-3_600_000);
  expect(now()).toBe(1000);
  await time.pass(500);
  expect(now()).toBe(1500);
});
