import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ModelState } from '../../src/claude/governor/state.ts';
import type { Turn } from '../../src/claude/governor/turn.ts';
import { LimitEvents } from '../../src/cli/reporters/limit-events.ts';
import { limitsText } from '../../src/cli/reporters/limits.ts';
import { governed } from '../../src/cli/run/governed.ts';
import { LiveRuns } from '../../src/cli/run/live-runs.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { message } from '../support/claude-replies.ts';
import { TEST_KEY } from '../support/claude-setup.ts';
import { Cli, HAS_SCRIPT, jsonLines, resultOf } from '../support/cli.ts';
import { startFaultServer } from '../support/fault-server.ts';
import { startLimitServer } from '../support/limit-server.ts';
import { runInfo } from '../support/store-parts.ts';
import { WatchedRun } from '../support/watched-run.ts';

const NOW = Date.UTC(2026, 0, 1);
const state: ModelState = {
  model: 'm',
  limits: {
    requests: { perMinute: 600, left: 0, used: 598 },
    inputTokens: { perMinute: 2_000_000, left: 5, used: 1_000_000 },
    outputTokens: { perMinute: 400_000, left: 7, used: 0 },
  },
  inFlight: 17,
  waiting: 12,
};

describe('the board', () => {
  test.each<[Partial<ModelState>, string[]]>([
    [{ waitsFor: 'requests' }, ['12 waiting for requests (598 of 600/min)']],
    [{ waitsFor: 'requests', limits: {} }, ['12 waiting for requests']],
    [{ waitsFor: 'input tokens' }, ['12 waiting for input tokens (1,000,000 of 2,000,000/min)']],
    [{ waitsFor: 'output tokens' }, ['12 waiting for output tokens (0 of 400,000/min)']],
    [{ waitsFor: 'retry-after', until: NOW + 7_500, limits: {} }, ['12 waiting for retry-after (8s)']],
    [{ waitsFor: 'retry-after', until: NOW - 5, limits: {} }, ['12 waiting for retry-after (0s)']],
    [{ waitsFor: 'overload' }, ['requests 598 of 600/min', '12 waiting because the API is overloaded']],
    [{ waitsFor: 'first answer', limits: {} }, ['12 waiting for the first answer']],
    [{ limits: {} }, []],
  ])('says of %j: %s', (more, texts) => expect(limitsText([{ ...state, ...more }], NOW)).toEqual(texts));

  test('says where nobody waits how the limit is used that is used most', () => {
    expect(limitsText([state], NOW)).toEqual(['requests 598 of 600/min']);
    const limits = { ...state.limits, inputTokens: { perMinute: 2_000_000, left: 0, used: 1_999_999 } };
    expect(limitsText([{ ...state, limits }], NOW)).toEqual(['input tokens 1,999,999 of 2,000,000/min']);
  });
});

describe('api:limit', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }));
  afterEach(() => void vi.useRealTimers());

  function events() {
    const printed: object[] = [];
    return { printed, limits: new LimitEvents({ print: (event) => printed.push(event), now: Date.now }) };
  }

  test('has the limits, the use, and why it waits and until when', () => {
    const { printed, limits } = events();
    limits.onLimits(() => [{ ...state, waitsFor: 'requests', until: NOW + 100 }], 'r');
    expect(printed).toEqual([
      {
        event: 'api:limit',
        at: '2026-01-01T00:00:00.000Z',
        run: 'r',
        ...state,
        waitsFor: 'requests',
        until: '2026-01-01T00:00:00.100Z',
      },
    ]);
    expect(Object.keys(printed[0] ?? {}).slice(0, 4)).toEqual(['event', 'at', 'run', 'model']);
  });

  test('comes when the limits or the reason change, at most once a second, the last change included', () => {
    const { printed, limits } = events();
    for (let quarter = 0; quarter < 20; quarter++) {
      const reason: Partial<ModelState> = quarter % 2 === 0 ? { waitsFor: 'requests' } : {};
      limits.onLimits(() => [{ ...state, waiting: 12 + quarter, ...reason }], 'r');
      vi.advanceTimersByTime(250);
    }
    expect(printed.length).toBeLessThanOrEqual(6);
    vi.advanceTimersByTime(5_000);
    expect(printed.at(-1)).not.toHaveProperty('waitsFor');
    const before = printed.length;
    limits.onLimits(() => [{ ...state, waiting: 50, inFlight: 3 }], 'r');
    vi.advanceTimersByTime(5_000);
    expect(printed).toHaveLength(before);
  });

  test('that comes late tells how it is then: never a time that has passed', () => {
    const { printed, limits } = events();
    const states = (): ModelState[] => [{ ...state, waitsFor: 'requests', until: Date.now() + 99.5 }];
    limits.onLimits(() => [state], 'r');
    vi.advanceTimersByTime(300);
    limits.onLimits(states, 'r');
    vi.advanceTimersByTime(700);
    expect(printed.at(-1)).toMatchObject({
      at: '2026-01-01T00:00:01.000Z',
      until: '2026-01-01T00:00:01.100Z',
    });
  });

  test('comes no more after the end', () => {
    const { printed, limits } = events();
    limits.onLimits(() => [state], 'r');
    limits.onLimits(() => [{ ...state, waitsFor: 'overload' }], 'r');
    limits.close();
    vi.advanceTimersByTime(5_000);
    expect(printed).toHaveLength(1);
  });
});

/** Of a run that calls the service `s`. */
const callerInfo = (id: string) => ({ ...runInfo(id), service: 's' });

describe('LiveRuns', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('counts this run from the start, and others soon after they have changed something, or left', async () => {
    const store = new MemoryTaskStore();
    const seen: string[][] = [];
    const runs = new LiveRuns({
      store,
      service: 's',
      onSeen: (others) => seen.push(others.map(({ id }) => id)),
    });
    expect(runs.count).toBe(1);
    await store.join(callerInfo('other'));
    runs.begin('own', await store.join(callerInfo('own')));
    expect(runs.count).toBe(2);
    await store.join(callerInfo('third'));
    await store.add([{ description: 'x' }]);
    await vi.advanceTimersByTimeAsync(250);
    expect(runs.count).toBe(3);
    await store.leave('other');
    await store.leave('third');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs.count).toBe(1);
    expect(seen.at(-1)).toEqual([]);
    runs.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('soon leaves out those that call another service, or none', async () => {
    const store = new MemoryTaskStore();
    const runs = new LiveRuns({ store, service: 's', onSeen: () => undefined });
    await store.join(callerInfo('same'));
    await store.join({ ...runInfo('another'), service: 't' });
    await store.join(runInfo('none'));
    runs.begin('own', await store.join(callerInfo('own')));
    expect(runs.count).toBe(4);
    await vi.advanceTimersByTimeAsync(250);
    expect(runs.count).toBe(2);
    runs.close();
  });

  test('asks the store every few seconds where nothing changes, and keeps what it knew where that fails', async () => {
    const store = new MemoryTaskStore();
    const runs = new LiveRuns({ store, service: 's', onSeen: () => undefined });
    runs.begin('own', 2);
    const asked = vi.spyOn(store, 'runs').mockRejectedValue(new Error('gone'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveBeenCalledTimes(2);
    expect(runs.count).toBe(3);
    runs.close();
  });
});

describe('the governor of a run', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const never = new AbortController().signal;
  const told = new Headers({
    'anthropic-ratelimit-requests-limit': '600',
    'anthropic-ratelimit-requests-remaining': '9',
  });

  /** A run that has joined the store and wants to make many calls; those that may be made are sent. */
  async function start(store: MemoryTaskStore, id: string, service = 's') {
    const run = await governed({}, store, { onEvent: () => undefined }, service);
    onTestFinished(() => run.release());
    const others = await store.join({ ...runInfo(id), service });
    run.onEvent({ event: 'run:start', at: '', run: id, concurrency: 100, others });
    const turns: Turn[] = [];
    for (let call = 0; call < 100; call++) {
      void run.governor?.turn({ model: 'm', characters: 0, maxTokens: 100 }, never).then((admission) => {
        if (!('turn' in admission)) return;
        admission.turn.sent();
        turns.push(admission.turn);
      });
    }
    await vi.advanceTimersByTimeAsync(0);
    return { turns, state: () => run.governor?.state()[0] };
  }

  test('sends 8 calls at first where no other run lives, and one where there is one', async () => {
    const store = new MemoryTaskStore();
    expect((await start(store, 'first')).turns).toHaveLength(8);
    expect((await start(store, 'second')).turns).toHaveLength(1);
  });

  test('takes its part alone as soon as another run joins', async () => {
    const store = new MemoryTaskStore();
    const first = await start(store, 'first');
    first.turns[0]?.answered(200, told);
    const sentIn = async (ms: number): Promise<number> => {
      const before = first.turns.length;
      await vi.advanceTimersByTimeAsync(ms);
      return first.turns.length - before;
    };
    await sentIn(1_000);
    expect(await sentIn(2_000)).toBe(20);
    await store.join(callerInfo('second'));
    await store.add([{ description: 'x' }]);
    await sentIn(250);
    expect(await sentIn(2_000)).toBe(10);
  });

  test('tells other runs by the store what it learns, so that they need not wait for an answer of their own', async () => {
    const store = new MemoryTaskStore();
    const first = await start(store, 'first');
    const second = await start(store, 'second');
    expect(second.state()).toMatchObject({ limits: {}, waitsFor: 'first answer' });
    first.turns[0]?.answered(200, told);
    await vi.advanceTimersByTimeAsync(250);
    expect(await store.runs()).toMatchObject([
      { id: 'first', limits: { m: { requests: { perMinute: 600, most: 10 } } } },
      { id: 'second' },
    ]);
    await store.add([{ description: 'x' }]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(second.state()).toMatchObject({ limits: { requests: { perMinute: 600 } } });
    expect(second.turns.length).toBeGreaterThan(1);
  });

  test('heeds nothing that a run says of another service', async () => {
    const store = new MemoryTaskStore();
    const first = await start(store, 'first', 't');
    const second = await start(store, 'second');
    first.turns[0]?.answered(200, told);
    first.turns[1]?.answered(429, new Headers({ 'retry-after': '20' }));
    await vi.advanceTimersByTimeAsync(5_250);
    expect(second.state()).toMatchObject({ limits: {}, waitsFor: 'first answer' });
    expect(second.turns).toHaveLength(8);
  });

  test('waits for the retry-after that another run on the store got, from the next look on', async () => {
    const store = new MemoryTaskStore();
    const first = await start(store, 'first');
    first.turns[0]?.answered(200, new Headers());
    await vi.advanceTimersByTimeAsync(0);
    const second = await start(store, 'second');
    expect(second.turns).toHaveLength(1);
    first.turns[1]?.answered(429, new Headers({ 'retry-after': '20' }));
    const until = Date.now() + 20_000;
    // The note is written a quarter of a second later; nothing changes in the store but that.
    await vi.advanceTimersByTimeAsync(5_250);
    expect(second.state()).toMatchObject({ waitsFor: 'retry-after', until });
    second.turns[0]?.answered(200, new Headers());
    second.turns[0]?.end({});
    await vi.advanceTimersByTimeAsync(until - Date.now() - 1);
    expect(second.turns).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(second.turns.length).toBeGreaterThan(1);
  });

  test('is none where nothing calls the API', async () => {
    const run = await governed({ exec: 'sh' }, new MemoryTaskStore(), { onEvent: () => undefined }, 's');
    expect(run.governor).toBeUndefined();
  });
});

test('orch run --json says which limits there are and what it waits for, and completes every task', async () => {
  const api = await startLimitServer({ requests: { perMinute: 1200, burst: 12 }, latencyMs: 30 });
  onTestFinished(() => api.close());
  const cli = new Cli();
  await cli.here(['add', '-'], {
    input: Array.from({ length: 50 }, (_, index) => `Task ${index}`).join('\n'),
  });
  const env = { ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: TEST_KEY };
  const { stdout, code } = await cli.run(['run', '--json', '--no-verify', '-j', '16'], { env });
  expect(code).toBe(0);
  expect(api.violations).toEqual([]);
  const events = jsonLines(stdout) as { event: string; run: string; limits?: object }[];
  expect(events.at(-1)).toMatchObject({ event: 'run:end', stats: { completed: 50, failed: 0 } });
  const limits = events.filter(({ event }) => event === 'api:limit');
  expect(limits).toContainEqual(
    expect.objectContaining({
      run: events[0]?.run,
      model: 'claude-sonnet-5-5',
      limits: { requests: { perMinute: 1200, left: expect.any(Number), used: expect.any(Number) } },
      waitsFor: expect.any(String),
    }),
  );
});

test('a run that joins another on its store sends one call until it knows more, and both complete their tasks', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const api = await startFaultServer(async () => {
    await released;
    return message();
  });
  onTestFinished(() => api.close());
  const cli = new Cli();
  await cli.here(['add', '-'], { input: 'Task\n'.repeat(24) });
  const env = { ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: TEST_KEY };
  const start = () => new WatchedRun(cli, ['--no-verify', '-j', '12'], { env });
  const first = start();
  expect(await first.until('api:limit')).toMatchObject({ inFlight: 8, waitsFor: 'first answer' });
  const second = start();
  expect(await second.until('run:start')).toMatchObject({ others: 1 });
  expect(await second.until('api:limit')).toMatchObject({ inFlight: 1, waitsFor: 'first answer' });
  release();
  const ends = [await first.until('run:end'), await second.until('run:end')];
  expect(ends.reduce((sum, { stats }) => sum + (stats?.completed ?? 0), 0)).toBe(24);
});

test.skipIf(!HAS_SCRIPT)(
  'orch run on a terminal shows how the limit is used and what it waits for',
  async () => {
    const api = await startLimitServer({ requests: { perMinute: 60, burst: 4 }, latencyMs: 30 });
    onTestFinished(() => api.close());
    const cli = new Cli();
    await cli.here(['add', '-'], { input: 'Task\n'.repeat(8) });
    const env = `ANTHROPIC_BASE_URL=${api.url} ANTHROPIC_API_KEY=${TEST_KEY}`;
    const { stdout } = await resultOf(cli.terminal(`export ${env}; orch run --no-verify -j 8`));
    expect(stdout).toMatch(/\d+ waiting for requests \(\d+ of 60\/min\)/);
  },
);
