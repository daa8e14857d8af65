import { expect, test } from 'vitest';
import { CircuitBreaker } from '../../src/safety/circuit-breaker.ts';
import { FailureRateLimit } from '../../src/safety/failure-rate-limit.ts';
import { ManualRuntime, turns } from '../support/manual-runtime.ts';
import { type Orchestra, orchestra } from '../support/orchestra.ts';

/** Two runs on one store, each with a task in hand. */
async function two(first: CircuitBreaker | FailureRateLimit) {
  const tasks = Array.from({ length: 6 }, (_, i) => `task ${i}`);
  const a = await orchestra({ tasks, safety: first, config: { retryOnFailure: false } });
  const b = await orchestra({
    store: a.store,
    safety: new CircuitBreaker({ maxIterations: Infinity }),
    runtime: new ManualRuntime(),
  });
  const runs = { a: a.orchestrator.run(), b: b.orchestrator.run() };
  return { a, b, runs };
}

async function hear(...all: Orchestra[]): Promise<void> {
  await turns();
  for (const { runtime } of all) runtime.advance(50);
  await turns();
}

test('what trips over failed tasks stops the other runs, too; what they have in hand is finished', async () => {
  const { a, b, runs } = await two(new CircuitBreaker({ maxConsecutiveFailures: 1 }));
  const held = await b.executor.nextCall();
  (await a.executor.nextCall()).fail('failed', 'no');
  const stats = await runs.a;
  expect(stats).toMatchObject({ failed: 1, stopReason: { kind: 'safety' } });
  await hear(a, b);
  held.succeed();
  const id = a.events[0]?.run;
  const message = `a safety check stopped ${id}: ${stats.stopReason?.message}`;
  expect(await runs.b).toMatchObject({ completed: 1, stopReason: { kind: 'safety', message } });
  expect(b.events).toContainEqual(expect.objectContaining({ event: 'safety:trip', reason: message }));
  expect(await a.store.counts()).toMatchObject({ pending: 4 });
});

test('so does a rate of failures', async () => {
  const { a, b, runs } = await two(new FailureRateLimit({ maxFailureRate: 0.5, window: 1 }));
  const held = await b.executor.nextCall();
  (await a.executor.nextCall()).fail('failed', 'no');
  await runs.a;
  await hear(a, b);
  held.succeed();
  expect(await runs.b).toMatchObject({ completed: 1, stopReason: { kind: 'safety' } });
});

test('a limit on attempts is that of one run: the other goes on', async () => {
  const { a, b, runs } = await two(new CircuitBreaker({ maxIterations: 1 }));
  const held = await b.executor.nextCall();
  (await a.executor.nextCall()).succeed();
  expect(await runs.a).toMatchObject({ completed: 1, stopReason: { kind: 'safety' } });
  await hear(a, b);
  held.succeed();
  for (let i = 0; i < 4; i++) (await b.executor.nextCall()).succeed();
  expect(await runs.b).toMatchObject({ completed: 5 });
  expect(await runs.b).not.toHaveProperty('stopReason');
});

test('nothing takes it back', async () => {
  const { a, b, runs } = await two(new CircuitBreaker({ maxConsecutiveFailures: 1 }));
  const held = await b.executor.nextCall();
  (await a.executor.nextCall()).fail('failed', 'no');
  await runs.a;
  await a.store.control('resume');
  expect((await a.store.runs())[0]?.told).toBe('trip');
  await hear(a, b);
  held.succeed();
  expect(await runs.b).toMatchObject({ stopReason: { kind: 'safety' } });
});

test('one run alone tells nobody, and the next one begins as ever', async () => {
  const a = await orchestra({
    tasks: ['one', 'two'],
    safety: new CircuitBreaker({ maxConsecutiveFailures: 1 }),
    config: { retryOnFailure: false },
  });
  const run = a.orchestrator.run();
  (await a.executor.nextCall()).fail('failed', 'no');
  expect(await run).toMatchObject({ stopReason: { kind: 'safety' } });
  const b = await orchestra({ store: a.store, runtime: new ManualRuntime() });
  const next = b.orchestrator.run();
  (await b.executor.nextCall()).succeed();
  expect(await next).not.toHaveProperty('stopReason');
});
