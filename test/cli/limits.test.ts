import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ModelState } from '../../src/claude/governor/state.ts';
import { LimitEvents } from '../../src/cli/reporters/limit-events.ts';
import { waitingText } from '../../src/cli/reporters/limits.ts';
import { LiveRuns } from '../../src/cli/run/live-runs.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { TEST_KEY } from '../support/claude-setup.ts';
import { Cli, jsonLines } from '../support/cli.ts';
import { startLimitServer } from '../support/limit-server.ts';
import { runInfo } from '../support/store-parts.ts';

const NOW = Date.UTC(2026, 0, 1);
const state: ModelState = {
  model: 'm',
  limits: {
    requests: { perMinute: 600, left: 0 },
    inputTokens: { perMinute: 2_000_000, left: 5 },
    outputTokens: { perMinute: 400_000, left: 7 },
  },
  inFlight: 17,
  waiting: 12,
};

describe('the live line', () => {
  test.each<[Partial<ModelState>, string]>([
    [{ waitsFor: 'requests' }, '12 waiting for requests (600/min)'],
    [{ waitsFor: 'requests', limits: {} }, '12 waiting for requests'],
    [{ waitsFor: 'input tokens' }, '12 waiting for input tokens (2,000,000/min)'],
    [{ waitsFor: 'output tokens' }, '12 waiting for output tokens (400,000/min)'],
    [{ waitsFor: 'retry-after', until: NOW + 7_500 }, '12 waiting for retry-after (8s)'],
    [{ waitsFor: 'retry-after', until: NOW - 5 }, '12 waiting for retry-after (0s)'],
    [{ waitsFor: 'overload' }, '12 waiting because the API is overloaded'],
    [{ waitsFor: 'first answer' }, '12 waiting for the first answer'],
  ])('says of %j: %s', (more, text) => expect(waitingText([{ ...state, ...more }], NOW)).toEqual([text]));

  test('says nothing where nobody waits', () => expect(waitingText([state], NOW)).toEqual([]));
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
    limits.onLimits([{ ...state, waitsFor: 'requests', until: NOW + 100 }], 'r');
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
      limits.onLimits(
        [{ ...state, waiting: 12 + quarter, ...(quarter % 2 === 0 && { waitsFor: 'requests' }) }],
        'r',
      );
      vi.advanceTimersByTime(250);
    }
    expect(printed.length).toBeLessThanOrEqual(6);
    vi.advanceTimersByTime(5_000);
    expect(printed.at(-1)).not.toHaveProperty('waitsFor');
    const before = printed.length;
    limits.onLimits([{ ...state, waiting: 50, inFlight: 3 }], 'r');
    vi.advanceTimersByTime(5_000);
    expect(printed).toHaveLength(before);
  });

  test('comes no more after the end', () => {
    const { printed, limits } = events();
    limits.onLimits([state], 'r');
    limits.onLimits([{ ...state, waitsFor: 'overload' }], 'r');
    limits.close();
    vi.advanceTimersByTime(5_000);
    expect(printed).toHaveLength(1);
  });
});

describe('LiveRuns', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('counts this run from the start, and others soon after they have changed something, or left', async () => {
    const store = new MemoryTaskStore();
    await store.join(runInfo('other'));
    const runs = await LiveRuns.of(store);
    expect(runs.count).toBe(2);
    await store.join(runInfo('own'));
    await store.join(runInfo('third'));
    await store.add([{ description: 'x' }]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs.count).toBe(3);
    await store.leave('other');
    await store.leave('third');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs.count).toBe(1);
    runs.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('asks the store every few seconds where nothing changes, and keeps what it knew where that fails', async () => {
    const store = new MemoryTaskStore();
    const runs = await LiveRuns.of(store);
    const asked = vi.spyOn(store, 'runs').mockRejectedValue(new Error('gone'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveBeenCalledTimes(2);
    expect(runs.count).toBe(1);
    runs.close();
  });
});

test('orch run --json says which limits there are and what it waits for, and completes every task', async () => {
  const api = await startLimitServer({ requests: { perMinute: 1200, burst: 12 }, latencyMs: 30 });
  onTestFinished(() => api.close());
  const cli = new Cli();
  await cli.run(['add', '-'], {
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
      limits: { requests: { perMinute: 1200, left: expect.any(Number) } },
      waitsFor: expect.any(String),
    }),
  );
});
