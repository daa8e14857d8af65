import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Governor } from '../../../src/claude/governor/governor.ts';
import type { CallOutcome, Turn } from '../../../src/claude/governor/turn.ts';
import { settled, VirtualTime } from '../../support/virtual-time.ts';

let time: VirtualTime;
let governor: Governor;
const never = new AbortController().signal;

beforeEach(() => {
  time = new VirtualTime();
  governor = new Governor({ time });
});

interface Asked {
  turn?: Turn;
  failure?: unknown;
}

interface AskOptions {
  model?: string;
  signal?: AbortSignal;
  characters?: number;
  /** Default: as soon as it has its turn. */
  isSent?: boolean;
}

/** Asks for turns, one after the other. */
async function ask(count: number, options: AskOptions = {}) {
  const { model = 'm', signal = never, characters = 400, isSent = true } = options;
  const asked: Asked[] = [];
  for (let call = 0; call < count; call++) {
    const entry: Asked = {};
    asked.push(entry);
    void governor.turn({ model, characters, maxTokens: 1000 }, signal).then((admission) => {
      Object.assign(entry, admission);
      if (isSent) entry.turn?.sent();
    });
  }
  await settled();
  return asked;
}

const admitted = (asked: Asked[]) => asked.filter(({ turn }) => turn).length;

function headers(parts: Record<string, string | number>): Headers {
  const named = Object.entries(parts).map(([name, value]) => [
    name.includes('-') ? `anthropic-ratelimit-${name}` : name.replace('_', '-'),
    String(value),
  ]);
  return new Headers(named as [string, string][]);
}

const REQUESTS = { 'requests-limit': 60, 'requests-remaining': 9 };

function answer(
  { turn }: Asked,
  status = 200,
  told: Record<string, string | number> = {},
  outcome: CallOutcome = {},
) {
  turn?.answered(status, headers(told));
  turn?.end(outcome);
}

describe('before anything is known', () => {
  test('eight calls go, the others wait for the first answer', async () => {
    const asked = await ask(20);
    expect(admitted(asked)).toBe(8);
    expect(governor.state()).toEqual([
      { model: 'm', limits: {}, inFlight: 8, waiting: 12, waitsFor: 'first answer' },
    ]);
  });

  test('an answer that tells no limits opens the way for all', async () => {
    const asked = await ask(20);
    answer(asked[0]!);
    await settled();
    expect(admitted(asked)).toBe(20);
    expect(governor.state()).toMatchObject([{ limits: {}, inFlight: 19, waiting: 0 }]);
  });

  test('a failed call makes room for one more, and says nothing', async () => {
    const asked = await ask(20);
    answer(asked[0]!, 500, {}, { error: { status: 500 } });
    await settled();
    expect(admitted(asked)).toBe(9);
  });

  test('beside other runs, which have begun, one goes', async () => {
    governor = new Governor({ time, share: () => 2 });
    expect(admitted(await ask(20))).toBe(1);
  });

  test('what another run has learned opens the way: each takes its part of what comes in', async () => {
    const other = new Governor({ time });
    const admission = await other.turn({ model: 'm', characters: 400, maxTokens: 1000 }, never);
    if ('turn' in admission) {
      admission.turn.sent();
      admission.turn.answered(200, headers(REQUESTS));
    }
    expect(other.learned()).toEqual({ m: { requests: { perMinute: 60, most: 10 } } });
    governor = new Governor({ time, share: () => 2 });
    const asked = await ask(20);
    governor.adopt(other.learned());
    await settled();
    expect(admitted(asked)).toBe(1);
    expect(governor.state()).toMatchObject([{ waitsFor: 'requests', until: time.now() + 3000 }]);
    await time.pass(11_000);
    expect(admitted(asked)).toBe(6);
  });

  describe('what another has learned', () => {
    const limits = () => governor.state()[0]?.limits;
    let asked: Asked[];

    beforeEach(async () => {
      governor = new Governor({ time, share: () => 2 });
      asked = await ask(20);
      governor.adopt({ m: { requests: { perMinute: 60, most: 10 } } });
    });

    test('is forgotten when a good answer tells no limits: it is of another server', async () => {
      answer(asked[0]!, 529, {}, { error: { status: 529 } });
      expect(limits()).toMatchObject({ requests: { perMinute: 60 } });
      await time.pass(3_000);
      answer(asked[1]!);
      await settled();
      expect(limits()).toEqual({});
      expect(admitted(asked)).toBe(20);
    });

    test('is forgotten of each limit that a good answer does not tell, and was never told on', async () => {
      governor = new Governor({ time, share: () => 2 });
      asked = await ask(20);
      governor.adopt({
        m: { requests: { perMinute: 60, most: 10 }, inputTokens: { perMinute: 400, most: 400 } },
      });
      expect(governor.learned()).toEqual({ m: {} });
      expect(limits()).toMatchObject({ inputTokens: { perMinute: 400 } });
      await time.pass(60_000);
      answer(asked[0]!, 200, REQUESTS);
      expect(Object.keys(limits() ?? {})).toEqual(['requests']);
      expect(governor.learned()).toEqual({ m: { requests: { perMinute: 60, most: 10 } } });
    });

    test('is kept once an answer has told the same', async () => {
      answer(asked[0]!, 200, REQUESTS);
      await time.pass(3_000);
      answer(asked[1]!);
      expect(limits()).toMatchObject({ requests: { perMinute: 60 } });
    });
  });

  test('what another has learned is nothing to who has seen that there is no limit', async () => {
    answer((await ask(1))[0]!);
    governor.adopt({ m: { requests: { perMinute: 60, most: 10 } } });
    expect(governor.state()).toMatchObject([{ limits: {} }]);
    expect(admitted(await ask(20))).toBe(20);
  });

  test('what another has learned is nothing to who knows better, nor what no limit can be', async () => {
    const asked = await ask(20);
    const odd: [unknown, unknown][] = [
      [0, 5],
      [Number.NaN, 5],
      [Infinity, 5],
      ['600', 5],
      [60, -1],
      [60, undefined],
    ];
    for (const [perMinute, most] of odd) governor.adopt({ m: { requests: { perMinute, most } } } as never);
    expect(governor.state()).toMatchObject([{ limits: {}, waitsFor: 'first answer' }]);
    answer(asked[0]!, 200, REQUESTS);
    governor.adopt({ m: { requests: { perMinute: 6000, most: 100 } } });
    expect(governor.state()).toMatchObject([{ limits: { requests: { perMinute: 60 } } }]);
  });
});

describe('a limit', () => {
  test('that an answer tells is kept: what is left goes at once, then as it comes in', async () => {
    const asked = await ask(30);
    answer(asked[0]!, 200, REQUESTS);
    await settled();
    // 9 were left, 7 had been sent since; half a call is kept in reserve.
    expect(admitted(asked)).toBe(9);
    expect(governor.state()).toMatchObject([
      {
        limits: { requests: { perMinute: 60, left: 1 } },
        waiting: 21,
        waitsFor: 'requests',
        until: time.now() + 500,
      },
    ]);
    await time.pass(499);
    expect(admitted(asked)).toBe(9);
    await time.pass(1);
    expect(admitted(asked)).toBe(10);
    await time.pass(5000);
    expect(admitted(asked)).toBe(15);
  });

  test('that is told late is not taken for used up by all the calls before', async () => {
    for (let call = 0; call < 100; call++) answer((await ask(1))[0]!);
    const [first] = await ask(1);
    answer(first!, 200, REQUESTS);
    expect(admitted(await ask(20))).toBe(8);
  });

  test('of input tokens is kept by an estimate that is put right afterwards', async () => {
    const [first] = await ask(1);
    const told = { 'input-tokens-limit': 60_000, 'input-tokens-remaining': 10_000 };
    answer(first!, 200, told, { usage: { inputTokens: 400, outputTokens: 10 } });
    // A token a character now: 10,000 are left for calls of 4,000.
    const asked = await ask(4, { characters: 4000 });
    expect(admitted(asked)).toBe(2);
    expect(governor.state()).toMatchObject([{ waitsFor: 'input tokens', until: time.now() + 2350 }]);
    asked[0]!.turn?.end({ usage: { inputTokens: 1000, outputTokens: 10 } });
    await settled();
    expect(admitted(asked)).toBe(3);
  });

  test('of output tokens is kept by the mean of what was answered', async () => {
    const [first] = await ask(1);
    const told = { 'output-tokens-limit': 6_000, 'output-tokens-remaining': 1_000 };
    answer(first!, 200, told, { usage: { inputTokens: 100, outputTokens: 400 } });
    const asked = await ask(4);
    expect(admitted(asked)).toBe(1);
    expect(governor.state()).toMatchObject([{ waitsFor: 'output tokens' }]);
  });

  test('holds no more than the bucket of the API, though a call took less than was expected', async () => {
    const [first] = await ask(1);
    const told = { 'output-tokens-limit': 6_000, 'output-tokens-remaining': 1_000 };
    answer(first!, 200, told, { usage: { inputTokens: 100, outputTokens: 400 } });
    const [second] = await ask(1);
    await time.pass(60_000);
    const full = [{ limits: { outputTokens: { left: 1_000 } } }];
    expect(governor.state()).toMatchObject(full);
    second!.turn?.end({ usage: { inputTokens: 100, outputTokens: 10 } });
    expect(governor.state()).toMatchObject(full);
  });

  test('does not hold back for ever a call that is larger than all that there can be', async () => {
    const [first] = await ask(1);
    answer(first!, 200, { 'input-tokens-limit': 60_000, 'input-tokens-remaining': 60_000 });
    const asked = await ask(2, { characters: 4_000_000 });
    await time.pass(1000);
    expect(admitted(asked)).toBe(1);
    await time.pass(120_000);
    expect(admitted(asked)).toBe(2);
  });

  test('says how much of it was used within the last minute, without what was refused', async () => {
    const used = () => governor.state()[0]?.limits.requests?.used;
    const [first] = await ask(1);
    answer(first!, 200, REQUESTS);
    const asked = await ask(3);
    expect(used()).toBe(4);
    answer(asked[0]!, 429, {}, { error: { status: 429 } });
    expect(used()).toBe(3);
    await time.pass(30_000);
    await ask(2);
    expect(used()).toBe(5);
    await time.pass(40_000);
    expect(used()).toBe(2);
    await time.pass(40_000);
    expect(used()).toBe(0);
  });

  test('is of one model: others have their own, dates apart', async () => {
    const [first] = await ask(1, { model: 'a' });
    answer(first!, 200, { 'requests-limit': 60, 'requests-remaining': 0 });
    expect(admitted(await ask(1, { model: 'a-20260101' }))).toBe(0);
    expect(admitted(await ask(1, { model: 'b' }))).toBe(1);
    expect(governor.state().map(({ model, waiting }) => [model, waiting])).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
  });
});

describe('retry-after', () => {
  test.each([429, 500, 503, 504])(
    'of one call that got a %i holds back all of its model, and no other',
    async (status) => {
      const asked = await ask(10);
      answer(asked[0]!);
      answer(asked[1]!, status, { retry_after: 5 }, { error: { status } });
      const later = await ask(1);
      expect(admitted(later)).toBe(0);
      expect(governor.state()).toMatchObject([{ waitsFor: 'retry-after', until: time.now() + 5000 }]);
      expect(admitted(await ask(1, { model: 'other' }))).toBe(1);
      await time.pass(4999);
      expect(admitted(later)).toBe(0);
      await time.pass(1);
      expect(admitted(later)).toBe(1);
    },
  );

  test('of more than a minute is told to those who wait, who may rather end', async () => {
    const asked = await ask(10);
    answer(asked[0]!, 429, { retry_after: 3600 }, { error: { status: 429 } });
    await settled();
    const failure = { kind: 'transient', message: expect.stringContaining('m'), retryAfterMs: 3_600_000 };
    expect(asked[9]).toEqual({ failure });
    await time.pass(600_000);
    expect((await ask(1))[0]).toEqual({ failure: { ...failure, retryAfterMs: 3_000_000 } });
    expect(governor.state()).toMatchObject([{ waiting: 0 }]);
  });

  test('that is shorter takes nothing from a longer one, and the longer one holds whenever it comes', async () => {
    const asked = await ask(3);
    answer(asked[0]!, 429, { retry_after: 30 }, { error: { status: 429 } });
    answer(asked[1]!, 429, { retry_after: 2 }, { error: { status: 429 } });
    const later = await ask(1);
    expect(governor.state()).toMatchObject([{ waitsFor: 'retry-after', until: time.now() + 30_000 }]);
    answer(asked[2]!, 429, { retry_after: 40 }, { error: { status: 429 } });
    expect(governor.state()).toMatchObject([{ until: time.now() + 40_000 }]);
    await time.pass(39_999);
    expect(admitted(later)).toBe(0);
    await time.pass(1);
    expect(admitted(later)).toBe(1);
  });

  describe('that another run got', () => {
    let other: Governor;

    /** Another run on the same store, whose call is answered so. */
    async function otherAnswered(status: number, seconds: number, model = 'm'): Promise<void> {
      const admission = await other.turn({ model, characters: 400, maxTokens: 1000 }, never);
      if (!('turn' in admission)) throw new Error('it had no turn');
      admission.turn.sent();
      admission.turn.answered(status, headers({ retry_after: seconds }));
      admission.turn.end({ error: { status } });
    }

    beforeEach(() => {
      other = new Governor({ time });
    });

    test('holds back all calls of the model here too, to the same moment', async () => {
      answer((await ask(1))[0]!);
      await otherAnswered(429, 30);
      await time.pass(250);
      expect(other.holds()).toEqual({ m: new Date(time.now() + 29_750).toISOString() });
      governor.heed(other.holds());
      const asked = await ask(3);
      expect(governor.state()).toMatchObject([
        { waiting: 3, waitsFor: 'retry-after', until: time.now() + 29_750 },
      ]);
      expect(admitted(await ask(1, { model: 'another' }))).toBe(1);
      await time.pass(29_749);
      expect(admitted(asked)).toBe(0);
      await time.pass(1);
      expect(admitted(asked)).toBe(3);
      expect(other.holds()).toEqual({});
    });

    test('holds back what waits already, and lets it go when it is over', async () => {
      const asked = await ask(10);
      await otherAnswered(503, 5);
      governor.heed(other.holds());
      answer(asked[0]!);
      await settled();
      expect(admitted(asked)).toBe(8);
      await time.pass(5_000);
      expect(admitted(asked)).toBe(10);
    });

    test('holds back a model that is asked for only later', async () => {
      await otherAnswered(429, 30);
      governor.heed(other.holds());
      expect(admitted(await ask(1))).toBe(0);
    });

    test('is told to those who wait where it is more than a minute', async () => {
      await otherAnswered(429, 3600);
      const waiting = await ask(9);
      governor.heed(other.holds());
      await settled();
      const failure = { kind: 'transient', message: expect.any(String), retryAfterMs: 3_600_000 };
      expect(waiting[8]).toEqual({ failure });
      expect(await ask(1)).toEqual([{ failure }]);
    });

    test('takes nothing from a longer one of its own, nor the other way round', async () => {
      const [own] = await ask(1);
      await otherAnswered(429, 5);
      answer(own!, 429, { retry_after: 30 }, { error: { status: 429 } });
      governor.heed(other.holds());
      await ask(1);
      expect(governor.state()).toMatchObject([{ until: time.now() + 30_000 }]);
      await otherAnswered(429, 40, 'n');
      governor.heed({ m: other.holds().n! });
      expect(governor.state()).toMatchObject([{ until: time.now() + 40_000 }]);
    });

    test('is not told on: runs would remind each other of it for ever', async () => {
      await ask(1);
      await otherAnswered(429, 30);
      governor.heed(other.holds());
      expect(governor.holds()).toEqual({});
    });

    test('is not there where it was a 529, is over, or is no time', async () => {
      await otherAnswered(529, 30);
      expect(other.holds()).toEqual({});
      const odd = [new Date(time.now() - 1).toISOString(), '', 'soon', 7, null, '9999-12-31T00:00:00Z'];
      for (const until of odd) governor.heed({ m: until } as never);
      expect(admitted(await ask(1))).toBe(1);
    });
  });

  test('of a 529 is for its own task alone', async () => {
    const asked = await ask(2);
    answer(asked[0]!);
    answer(asked[1]!, 529, { retry_after: 30 }, { error: { status: 529 } });
    expect(admitted(await ask(1))).toBe(1);
  });
});

describe('an abort', () => {
  test('ends the wait at once and leaves nothing behind', async () => {
    const first = await ask(8);
    const controller = new AbortController();
    const aborted = await ask(3, { signal: controller.signal });
    const last = await ask(1);
    controller.abort();
    await settled();
    expect(aborted).toEqual(
      Array(3).fill({ failure: { kind: 'transient', message: 'the call was aborted' } }),
    );
    expect(governor.state()).toMatchObject([{ inFlight: 8, waiting: 1 }]);
    answer(first[0]!);
    await settled();
    expect(admitted(last)).toBe(1);
  });

  test('before it asks is answered likewise, and takes no turn', async () => {
    expect(await ask(1, { signal: AbortSignal.abort() })).toMatchObject([{ failure: { kind: 'transient' } }]);
    expect(governor.state()).toMatchObject([{ inFlight: 0, waiting: 0 }]);
  });

  test('after its turn is nothing to it', async () => {
    const controller = new AbortController();
    const [asked] = await ask(1, { signal: controller.signal });
    controller.abort();
    await settled();
    expect(asked).not.toHaveProperty('failure');
    expect(governor.state()).toMatchObject([{ inFlight: 1 }]);
  });
});

test('a call that is not sent after all has taken nothing, and one that is sent late took nothing until then', async () => {
  const [first] = await ask(1);
  answer(first!, 200, { 'requests-limit': 60, 'requests-remaining': 5 });
  const left = () => governor.state()[0]?.limits.requests?.left;
  const asked = await ask(3, { isSent: false });
  expect(left()).toBe(2);
  asked[0]!.turn?.end({ error: new Error('no token') });
  expect(left()).toBe(3);
  await time.pass(60_000);
  // Full, less what is on its way.
  expect(left()).toBe(4);
  asked[1]!.turn?.sent();
  expect(left()).toBe(4);
});

test('use that grows too fast is slowed down, though no limit is reached', async () => {
  const [first] = await ask(1);
  answer(first!);
  const sent = await ask(100);
  answer(sent[0]!, 429, { retry_after: 1 }, { error: { status: 429, errorCode: 'ramp_limit_exceeded' } });
  for (const one of sent.slice(1)) answer(one);
  await time.pass(1000);
  const next = await ask(100);
  await time.pass(500);
  expect(admitted(next)).toBeLessThan(50);
  expect(governor.state()).toMatchObject([{ waitsFor: 'requests' }]);
});

test('refusals that no limit explains slow it down when they keep coming', async () => {
  const [first] = await ask(1);
  answer(first!);
  for (let round = 0; round < 4; round++) {
    const sent = await ask(20);
    for (const one of sent.slice(1)) answer(one);
    answer(sent[0]!, 429, { retry_after: 1 }, { error: { status: 429 } });
    await time.pass(2000);
  }
  expect(admitted(await ask(20))).toBeLessThan(3);
  expect(governor.state()).toMatchObject([{ limits: {}, waitsFor: 'requests' }]);
});

test('when the API is overloaded again and again, fewer calls go at once', async () => {
  const [first] = await ask(1);
  answer(first!);
  for (let round = 0; round < 10; round++) {
    for (const one of await ask(64)) answer(one, 529, {}, { error: { status: 529 } });
    await settled();
  }
  const asked = await ask(64);
  expect(admitted(asked)).toBeLessThan(10);
  expect(governor.state()).toMatchObject([{ waitsFor: 'overload' }]);
});

test('listeners are told', async () => {
  let told = 0;
  governor.onChange(() => {
    told += 1;
  });
  await ask(1);
  await time.pass(300);
  expect(told).toBe(1);
});

/** Whatever the server says, at whatever times the clock jumps, each call gets its turn, in the order in which it asked. */
const odd = fc.oneof(
  fc.constantFrom('NaN', '-1', '0', '', 'x', '1e308', '1e-9', '99999999999999999999'),
  fc.integer({ min: 1, max: 1000 }).map(String),
);
const step = fc.record({
  status: fc.constantFrom(200, 200, 200, 429, 500, 529, 0),
  limit: odd,
  left: odd,
  tokens: odd,
  retryAfter: fc.constantFrom('', '0', '1', '-5', 'soon', '1e30'),
  usage: fc.option(fc.constantFrom(0, 5, 1e308)),
  jump: fc.constantFrom(0, 0, 0, -3_600_000, 3_600_000),
});

test('no answer and no clock can make it hang, or serve out of turn', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      time = new VirtualTime();
      governor = new Governor({ time });
      const order: number[] = [];
      const asked = steps.map((_, index) =>
        governor.turn({ model: 'm', characters: 100, maxTokens: 100 }, never).then((admission) => {
          order.push(index);
          return admission;
        }),
      );
      for (const [index, { status, limit, left, tokens, retryAfter, usage, jump }] of steps.entries()) {
        for (let minute = 0; order.length <= index && minute < 15; minute++) await time.pass(60_000);
        if (order.length <= index) throw new Error('it hangs');
        const admission = await asked[index]!;
        if ('failure' in admission) throw new Error('turned away');
        time.set(jump);
        const told = { 'requests-limit': limit, 'requests-remaining': left, 'output-tokens-limit': tokens };
        admission.turn.sent();
        if (status > 0) admission.turn.answered(status, headers({ ...told, retry_after: retryAfter }));
        admission.turn.end(
          usage === null ? { error: { status } } : { usage: { inputTokens: usage, outputTokens: usage } },
        );
        const [state] = governor.state();
        for (const one of Object.values(state?.limits ?? {})) expect(Number.isFinite(one.left)).toBe(true);
      }
      expect(order).toEqual(steps.map((_, index) => index));
      expect(governor.state()).toMatchObject([{ inFlight: 0, waiting: 0 }]);
    }),
    { numRuns: 200 },
  );
});
