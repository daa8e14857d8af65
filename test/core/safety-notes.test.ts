import { expect, test } from 'vitest';
import type { RunNote } from '../../src/ports/task-store.ts';
import { allSafe } from '../../src/safety/all-of.ts';
import { CircuitBreaker } from '../../src/safety/circuit-breaker.ts';
import { DurationLimit } from '../../src/safety/duration-limit.ts';
import { FailureRateLimit } from '../../src/safety/failure-rate-limit.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { ManualRuntime, turns } from '../support/manual-runtime.ts';
import { orchestra } from '../support/orchestra.ts';

/** A store that remembers what was noted. */
class NotingStore extends MemoryTaskStore {
  readonly notes: RunNote[] = [];
  override note(runId: string, note: RunNote): Promise<void> {
    this.notes.push(note);
    return super.note(runId, note);
  }
}

test('a run notes a limit that it is half way to, at most once a second, and that it tripped', async () => {
  const store = new NotingStore();
  const { orchestrator, executor, runtime } = await orchestra({
    store,
    tasks: Array.from({ length: 10 }, (_, i) => `task ${i}`),
    safety: new CircuitBreaker({ maxIterations: Number.POSITIVE_INFINITY, maxConsecutiveFailures: 4 }),
    config: { maxAttempts: 1 },
  });
  const done = orchestrator.run();
  const failOne = async (): Promise<void> => {
    (await executor.nextCall()).fail('failed', 'no good');
    await turns();
  };
  const near = (used: number) => [{ what: 'failed tasks in a row', used, limit: 4 }];
  await failOne();
  expect(store.notes).toEqual([]);
  await failOne();
  expect(store.notes).toEqual([{ safety: { near: near(2) } }]);
  await failOne();
  expect(store.notes).toHaveLength(1);
  runtime.advance(1_000);
  await turns();
  expect(store.notes.slice(1)).toEqual([{ safety: { near: near(3) } }]);
  (await executor.nextCall()).succeed();
  await turns();
  runtime.advance(1_000);
  await turns();
  expect(store.notes.slice(2)).toEqual([{ safety: { near: [] } }]);
  runtime.advance(1_000);
  for (let i = 0; i < 4; i++) await failOne();
  const { stopReason } = await done;
  expect(stopReason?.kind).toBe('safety');
});

test('what is used up of the time is noted though nothing ends, and that it is over while work goes on', async () => {
  const store = new NotingStore();
  const runtime = new ManualRuntime();
  const { orchestrator, executor } = await orchestra({
    store,
    runtime,
    tasks: ['one', 'two'],
    safety: allSafe(new DurationLimit({ maxDurationMs: 20_000, clock: runtime.clock })),
  });
  const run = orchestrator.run();
  const call = await executor.nextCall();
  const used = () => store.notes.map(({ safety }) => safety?.near.map((gauge) => gauge.used));
  for (let i = 0; i < 2; i++) {
    runtime.advance(5_000);
    await turns();
  }
  expect(used()).toEqual([[10_000]]);
  for (let i = 0; i < 2; i++) {
    runtime.advance(5_000);
    await turns();
  }
  runtime.advance(1_000);
  await turns();
  const tripped = 'the run took 20s (limit 20s)';
  expect(store.notes.at(-1)).toMatchObject({ safety: { near: [{ what: 'duration' }], tripped } });
  expect((await store.runs())[0]?.safety?.tripped).toBe(tripped);
  call.succeed();
  expect((await run).stopReason?.message).toBe(tripped);
  expect(await store.lastStop()).toMatchObject({ kind: 'safety', message: tripped });
});

test('what is spent of the budget is noted from half of it on, and that it is why the run is being stopped', async () => {
  const store = new NotingStore();
  const { orchestrator, executor, event, runtime } = await orchestra({
    store,
    tasks: ['one', 'two', 'three', 'four'],
    config: { concurrency: 2, maxCostUsd: 1 },
  });
  const run = orchestrator.run();
  const spend = async (usd: number): Promise<void> => {
    const call = await executor.nextCall();
    const money = await call.context.budget!.reserve(usd, call.context.signal);
    if (money.refused === undefined) await money.settle(usd);
    call.succeed();
    await turns();
  };
  await spend(0.4);
  expect(store.notes).toEqual([]);
  const slow = await executor.nextCall();
  const money = await slow.context.budget!.reserve(0.35, slow.context.signal);
  if (money.refused === undefined) await money.settle(0.35);
  expect(store.notes).toEqual([{ safety: { near: [{ what: 'cost', used: 0.75, limit: 1, unit: 'usd' }] } }]);
  void spend(0.9);
  const { reason } = await event('safety:trip');
  expect(reason).toContain('leaves no room');
  runtime.advance(1_000);
  await turns();
  expect(store.notes.at(-1)).toMatchObject({ safety: { tripped: reason } });
  slow.succeed();
  await run;
});

test('a run whose store cannot take a note breaks', async () => {
  const store = new MemoryTaskStore();
  store.note = async () => {
    throw new Error('the disk is gone');
  };
  const { orchestrator, executor } = await orchestra({
    store,
    tasks: ['one', 'two'],
    safety: new CircuitBreaker({ maxConsecutiveFailures: 2 }),
    config: { maxAttempts: 1 },
  });
  const done = orchestrator.run();
  (await executor.nextCall()).fail('failed');
  await expect(done).rejects.toThrow('the disk is gone');
});

test('each limit says what is used of it; one that is none says nothing', () => {
  const clock = { at: 1_000, now: () => clock.at };
  const breaker = new CircuitBreaker({ maxIterations: 8 });
  const rate = new FailureRateLimit({ maxFailureRate: 0.5, window: 4 });
  const duration = new DurationLimit({ maxDurationMs: 10_000, clock });
  const all = allSafe(breaker, rate, duration);
  expect(duration.gauges).toEqual([]);
  all.allowContinue();
  all.recordAttempt?.();
  all.recordFailure('no');
  clock.at += 2_500;
  expect(all.gauges).toEqual([
    { what: 'attempts', used: 1, limit: 8 },
    { what: 'failed tasks in a row', used: 1, limit: 10 },
    { what: 'failed of the last 4 tasks', used: 0.25, limit: 0.5, unit: 'share' },
    { what: 'duration', used: 2_500, limit: 10_000, unit: 'ms' },
  ]);
  const free = new CircuitBreaker({
    maxIterations: Number.POSITIVE_INFINITY,
    maxConsecutiveFailures: Number.POSITIVE_INFINITY,
  });
  expect(free.gauges).toEqual([]);
});
