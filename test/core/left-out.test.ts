import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RunControl } from '../../src/core/control.ts';
import { LeftOut } from '../../src/core/left-out.ts';
import { MoneyWaits } from '../../src/core/money-waits.ts';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { CircuitBreaker } from '../../src/safety/circuit-breaker.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { ManualRuntime, turns } from '../support/manual-runtime.ts';
import { orchestra } from '../support/orchestra.ts';
import { spender } from '../support/spender.ts';
import { claimOne, done, runInfo } from '../support/store-parts.ts';

/** A store on which another run works that allows five cents. */
async function besideSmall(): Promise<TaskStore> {
  const store = new MemoryTaskStore();
  await store.join({ ...runInfo('small'), maxCostUsd: 0.05 });
  return store;
}

const WAITS =
  'task-001 waits until another run ends: a call for it may cost $0.1, and $0 of the $0.05 that this one allows is spent; another task does not fit either';

test.each([false, true])(
  'where only the cap of another run is in the way, the run waits until that one has left (stay: %s)',
  async (stay) => {
    const store = await besideSmall();
    const { executor, asked } = spender();
    const { orchestrator, event, names } = await orchestra({
      store,
      tasks: ['0.1 0.1', '0.1 0.1'],
      executor,
      config: { maxCostUsd: 10, stay },
    });
    const run = orchestrator.run();
    expect(await event('budget:wait')).toMatchObject({ reason: WAITS, pool: { capUsd: 0.05 } });
    // It holds nothing meanwhile: the other one may wait for that.
    expect(await store.counts()).toMatchObject({ pending: 2, in_progress: 0 });
    const note = (await store.runs()).find(({ id }) => id !== 'small')?.safety?.leftOut;
    expect(note).toMatchObject({
      count: expect.any(Number),
      reason: expect.stringContaining('task-001 waits'),
    });
    await store.leave('small');
    for (let i = 0; i < 2; i++) await event('task:complete');
    if (stay) orchestrator.stop();
    expect((await run).completed).toBe(2);
    expect(asked).toHaveLength(4);
    expect(names().filter((name) => name.startsWith('budget:'))).toEqual(['budget:wait', 'budget:resume']);
    expect(orchestrator.stats.stopReason?.kind).toBe(stay ? 'stopped' : undefined);
  },
);

test('a run that waits for another one ends when it is told to', async () => {
  const { executor } = spender();
  const { orchestrator, event } = await orchestra({
    store: await besideSmall(),
    tasks: ['0.1 0.1'],
    executor,
    config: { maxCostUsd: 10 },
  });
  const run = orchestrator.run();
  await event('budget:wait');
  orchestrator.stop();
  expect((await run).stopReason?.kind).toBe('stopped');
});

test('a run that waits for another one is done when somebody else has done the tasks', async () => {
  const store = await besideSmall();
  const { executor } = spender();
  const { orchestrator, event } = await orchestra({ store, tasks: ['0.1 0.1'], executor });
  const run = orchestrator.run();
  await event('budget:wait');
  const { lease } = await claimOne(store, 'small');
  await store.settle(lease, done('by another'));
  expect((await run).stopReason).toBeUndefined();
});

test('runs of several caps do not wait for each other: all end, and what the highest allows is done', async () => {
  const store = new MemoryTaskStore();
  await store.add(Array.from({ length: 6 }, (_, i) => ({ description: i % 2 ? '0.1 0.1' : '0.01 0.01' })));
  const runs = await Promise.all(
    [10, 0.05, 2].map((maxCostUsd) =>
      orchestra({ store, executor: spender().executor, config: { concurrency: 2, maxCostUsd } }),
    ),
  );
  const [high, low] = await Promise.all(runs.map(({ orchestrator }) => orchestrator.run()));
  expect(await store.counts()).toMatchObject({ completed: 6 });
  expect(high?.stopReason).toBeUndefined();
  // Whether it had to leave any when it ended is a matter of who was first.
  expect([undefined, 'safety']).toContain(low?.stopReason?.kind);
});

test('runs of any caps end, whatever calls may cost and do cost, and spend no more together than the highest cap', async () => {
  const cents = (most: number) => fc.integer({ min: 1, max: most }).map((n) => n / 100);
  const task = fc.tuple(cents(60), fc.integer({ min: 0, max: 4 })).map(([worst, n]) => ({
    description: `${worst} ${(worst * n) / 4}`,
  }));
  const run = fc.record({ maxCostUsd: cents(100), concurrency: fc.integer({ min: 1, max: 3 }) });
  const property = fc.asyncProperty(
    fc.array(task, { minLength: 1, maxLength: 8 }),
    fc.array(run, { minLength: 1, maxLength: 3 }),
    async (tasks, configs) => {
      const store = new MemoryTaskStore();
      await store.add(tasks);
      const runs = await Promise.all(
        configs.map((config) => orchestra({ store, executor: spender().executor, config })),
      );
      const stats = await Promise.all(runs.map(({ orchestrator }) => orchestrator.run()));
      const { completed, pending, total } = await store.counts();
      expect(completed + pending).toBe(total);
      if (pending > 0) expect(stats.map(({ stopReason }) => stopReason?.kind)).toContain('safety');
      const spent = stats.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
      expect(spent).toBeLessThanOrEqual(Math.max(...configs.map(({ maxCostUsd }) => maxCostUsd)) + 1e-9);
    },
  );
  await fc.assert(property, { numRuns: 100 });
});

test('a task that was left out because of a run that did not move is taken back when that one has', async () => {
  const { executor } = spender();
  const { orchestrator, store, runtime, event } = await orchestra({
    executor,
    config: { maxCostUsd: 1, stay: true, leaseMs: 200_000, renewMs: 190_000 },
  });
  await store.join(runInfo('other'));
  await store.add([{ description: 'held', priority: 9 }]);
  const { lease } = await claimOne(store, 'other');
  await store.reserve({ run: 'other', call: '1', usd: 0.75 });
  await store.add([{ description: '0.1 0.1' }, { description: '0.5 0.5' }]);
  const run = orchestrator.run();
  await event('budget:wait');
  for (let i = 0; i < 4; i++) {
    runtime.advance(10_000);
    await turns();
  }
  expect(await event('task:release')).toMatchObject({
    reason: expect.stringContaining(
      'task-003 is left: a call for it may cost $0.5, $0.75 is set aside by other',
    ),
  });
  await store.spend({ run: 'other', call: '1', usd: 0.25 });
  await store.renew([lease], 60_000);
  await event('task:complete');
  expect(await event('task:complete')).toMatchObject({ task: { id: 'task-003' } });
  orchestrator.stop();
  await run;
});

test('a task that never fits is not tried again and again, though others spend and end', async () => {
  const { executor, asked } = spender();
  const { orchestrator, store, event } = await orchestra({
    tasks: ['3 1', '0.1 0.1', '0.1 0.1'],
    executor,
    config: { maxCostUsd: 2, stay: true },
  });
  await store.join({ ...runInfo('other'), maxCostUsd: 1 });
  const run = orchestrator.run();
  for (let i = 0; i < 2; i++) await event('task:complete');
  await store.leave('other');
  await store.add([{ description: '0.1 0.1' }]);
  await event('task:complete');
  orchestrator.stop();
  await run;
  expect(asked).toEqual(['task-001', 'task-002', 'task-003', 'task-004']);
});

test('a task that is only left out does not count as started, nor its attempt', async () => {
  const { executor } = spender();
  const safety = new CircuitBreaker({ maxIterations: 1 });
  for (const parts of [{ safety }, { config: { limit: 1 } }]) {
    const { orchestrator } = await orchestra({
      tasks: ['3 1', '0.1 0.1'],
      executor,
      ...parts,
      config: { maxCostUsd: 2, ...parts.config },
    });
    const { processed, completed, stopReason } = await orchestrator.run();
    expect({ processed, completed, kind: stopReason?.kind }).toEqual({
      processed: 1,
      completed: 1,
      kind: 'safety',
    });
  }
});

test('a task that was worked on before it is left out counts as started', async () => {
  const { executor } = spender();
  const { orchestrator } = await orchestra({
    tasks: ['1 1', '0.1 0.1'],
    executor,
    verifier: {
      verify: async () => ({ passed: false, confidence: 1, feedback: 'no', issues: [] }),
    },
    config: { maxCostUsd: 1.5, limit: 1 },
  });
  expect(await orchestrator.run()).toMatchObject({ processed: 1, completed: 0 });
});

test('room is what this run may spend, or all runs where another one is waited for', () => {
  let noted = 0;
  const runtime = new ManualRuntime();
  const waits = new MoneyWaits({ control: new RunControl(), runtime, emit: () => undefined });
  const store = new MemoryTaskStore();
  const stalled = { stuck: new Map([['stopped', 1]]), stuckUsd: 1 };
  const leftOut = new LeftOut({ store, maxCostUsd: 2, waits, stalled, onChange: () => noted++ });
  const leaving = { usd: 1, ownUsd: 0.5 };
  leftOut.add('own', { ...leaving, reason: 'own', waits: false });
  const pool = { spentUsd: 0.25, reservedUsd: 1.5, capUsd: 2 };
  expect(leftOut.takeBack(pool)).toBe(false);
  leftOut.add('other', { ...leaving, reason: 'other', waits: true });
  // What has come back cannot be stuck.
  expect(leftOut.takeBack({ ...pool, reservedUsd: 0.25, capUsd: 1 })).toBe(true);
  expect([...leftOut.ids]).toEqual(['other']);
  expect(leftOut.waitsForRoom(pool)).toBe(true);
  expect(leftOut.takeBack({ ...pool, reservedUsd: 0.25 })).toBe(true);
  expect([leftOut.ids.size, leftOut.note, noted]).toEqual([0, undefined, 4]);
  // So much is spent now that nothing is worth waiting for.
  leftOut.add('other', { ...leaving, reason: 'other', waits: true });
  expect(leftOut.takeBack({ ...pool, reservedUsd: 0, spentUsd: 0.75, capUsd: 1 })).toBe(false);
  expect([leftOut.waitsForRoom(pool), leftOut.reason]).toEqual([
    false,
    expect.stringContaining('other is left: a call for it may cost $1.00'),
  ]);
});
