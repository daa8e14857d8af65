import { describe, expect, test } from 'vitest';
import type { RunStats } from '../../src/model/event.ts';
import type { Executor } from '../../src/ports/executor.ts';
import type { Verifier } from '../../src/ports/verifier.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { answering } from '../support/fake-executor.ts';
import { orchestra } from '../support/orchestra.ts';
import { runInfo } from '../support/store-parts.ts';

/** Each call may cost a dollar and costs `usd`. It lasts until its number is let go. */
function paying(usd: number | undefined, { worst }: { worst: number | undefined } = { worst: 1 }) {
  const state = { inFlight: 0, peak: 0, calls: 0, refused: [] as string[] };
  const gates: Array<() => void> = [];
  const executor: Executor = {
    async execute(task, { budget, signal }) {
      const money = await budget!.reserve(worst, signal);
      if (money.refused !== undefined) {
        state.refused.push(money.refused);
        return { success: false, error: { kind: money.kind, message: money.refused } };
      }
      state.calls++;
      state.peak = Math.max(state.peak, ++state.inFlight);
      await new Promise<void>((resolve) => {
        gates.push(resolve);
        setImmediate(() => gates.shift()?.());
      });
      state.inFlight--;
      await money.settle(usd);
      const usage = { inputTokens: 1, outputTokens: 1, ...(usd !== undefined && { costUsd: usd }) };
      return { success: true, output: task.id, usage };
    },
  };
  return { executor, state };
}

const tasks = (count: number) => Array.from({ length: count }, (_, i) => `task ${i}`);

describe('a cap on the cost of a run', () => {
  test('holds at any concurrency: what a call may cost is set aside before it, and what it did not cost comes back', async () => {
    const { executor, state } = paying(0.25);
    const { orchestrator, store, names } = await orchestra({
      tasks: tasks(40),
      executor,
      config: { concurrency: 16, maxCostUsd: 4 },
    });
    const stats = await orchestrator.run();
    expect(state.peak).toBe(4);
    // After 13 calls 3.25 is spent: there is no room for one more dollar.
    expect(state.calls).toBe(13);
    expect(stats.stopReason).toEqual({
      kind: 'safety',
      message: 'the budget of $4.00 leaves no room: $3.25 is spent, and another call may cost $1.00',
    });
    expect(stats.costUsd).toBeCloseTo(3.25);
    expect(await store.counts()).toMatchObject({ completed: 13, pending: 27, failed: 0 });
    for await (const { attempts, history } of store.list({ status: 'pending' })) {
      expect({ attempts, history }).toEqual({ attempts: 0, history: [] });
    }
    expect(names().filter((name) => name === 'safety:trip')).toHaveLength(1);
  });

  test('warns once, when four fifths are spent', async () => {
    const { executor } = paying(1);
    const { orchestrator, events } = await orchestra({
      tasks: tasks(20),
      executor,
      config: { concurrency: 1, maxCostUsd: 10 },
    });
    await orchestrator.run();
    const warnings = events.filter(({ event }) => event === 'budget:warning');
    expect(warnings).toMatchObject([{ pool: { spentUsd: 8, capUsd: 10 } }]);
  });

  test('is that of all runs that overlap on a store, whichever has it', async () => {
    const store = new MemoryTaskStore();
    await store.join({ ...runInfo('other'), maxCostUsd: 3 });
    await store.reserve({ run: 'other', call: '1', usd: 1 });
    const { executor, state } = paying(1);
    const { orchestrator } = await orchestra({
      tasks: tasks(10),
      executor,
      store,
      config: { concurrency: 4 },
    });
    const done = orchestrator.run();
    const other = await Promise.race([done, untilSpent(store, 2)]);
    expect(other).toBe('spent');
    // The other run's call may cost less than was set aside: this run waits for that.
    expect(state.calls).toBe(2);
    await store.spend({ run: 'other', call: '1', usd: 0 });
    expect((await done).stopReason).toMatchObject({ kind: 'safety' });
    expect(state.calls).toBe(3);
  });

  test('stops a run that waits for money when it is told to, without a trip', async () => {
    const store = new MemoryTaskStore();
    await store.join({ ...runInfo('other'), maxCostUsd: 1 });
    await store.reserve({ run: 'other', call: '1', usd: 1 });
    const { executor, state } = paying(1);
    const { orchestrator, event, names } = await orchestra({ tasks: ['one'], executor, store });
    const done = orchestrator.run();
    await event('task:start');
    orchestrator.stop();
    expect((await done).stopReason).toMatchObject({ kind: 'stopped' });
    expect(state.refused).toEqual(['the run ends']);
    expect(names()).not.toContain('safety:trip');
    expect(await store.counts()).toMatchObject({ pending: 1 });
  });

  test('stops the run where a price is not known: unknown is never 0', async () => {
    const { executor, state } = paying(undefined, { worst: undefined });
    const { orchestrator } = await orchestra({ tasks: ['one'], executor, config: { maxCostUsd: 5 } });
    expect((await orchestrator.run()).stopReason).toEqual({
      kind: 'safety',
      message: 'what a call costs is not known, so that the budget of $5.00 cannot hold',
    });
    expect(state.calls).toBe(0);
  });

  test('no cap needs no price', async () => {
    const { executor, state } = paying(undefined, { worst: undefined });
    const { orchestrator } = await orchestra({ tasks: ['one'], executor });
    expect((await orchestrator.run()).completed).toBe(1);
    expect(state.calls).toBe(1);
  });

  test('holds for verifications too, whose results are kept', async () => {
    const { executor } = paying(1);
    const { orchestrator, store } = await orchestra({
      tasks: ['one'],
      executor,
      verifier: {
        async verify(_task, _execution, { budget, signal }) {
          const money = await budget!.reserve(1, signal);
          if (money.refused !== undefined) return { error: { kind: money.kind, message: money.refused } };
          await money.settle(1);
          return { passed: true, confidence: 1, feedback: '', issues: [] };
        },
      },
      config: { maxCostUsd: 1.5 },
    });
    expect((await orchestrator.run()).stopReason?.kind).toBe('safety');
    expect(await store.get('task-001')).toMatchObject({
      status: 'pending',
      attempts: 0,
      history: [{ output: 'task-001' }],
    });
  });

  test('a store that breaks ends the run', async () => {
    const store = new MemoryTaskStore();
    store.reserve = async () => {
      throw new Error('the disk is gone');
    };
    const { orchestrator } = await orchestra({ tasks: ['one'], executor: paying(1).executor, store });
    await expect(orchestrator.run()).rejects.toThrow('the disk is gone');
  });
});

test('an attempt that was cut short says what was paid, and to whom', async () => {
  const { orchestrator, executor, event, runtime, task } = await orchestra({ tasks: ['one'] });
  const run = orchestrator.run();
  const error = { kind: 'transient', message: 'broke off' } as const;
  const usage = { inputTokens: 1, outputTokens: 2, costUsd: 0.25 };
  const metadata = { model: 'm', prompt: '0123456789ab' };
  (await executor.nextCall()).finish({ success: false, error, usage, metadata });
  await event('task:retry');
  runtime.advance(1_000);
  // The one that ends it says nothing of itself.
  (await executor.nextCall()).finish({ success: false, error, usage });
  await event('task:retry');
  orchestrator.stop();
  await run;
  expect((await task('task-001')).history).toMatchObject([
    { outcome: 'interrupted', usage: { inputTokens: 2, outputTokens: 4, costUsd: 0.5 }, metadata },
  ]);
});

describe('a limit on the cost of a task', () => {
  const runOnce = async (maxTaskCostUsd: number, usd: number | undefined): Promise<[RunStats, string?]> => {
    const { executor } = paying(usd);
    const { orchestrator, store } = await orchestra({
      tasks: ['one'],
      executor,
      verifier: {
        verify: async () => ({ passed: false, confidence: 1, feedback: String(Math.random()), issues: [] }),
      },
      config: { maxTaskCostUsd, maxAttempts: 10 },
    });
    const stats = await orchestrator.run();
    const task = await store.get('task-001');
    return [stats, `${task?.attempts} ${task?.error?.kind}: ${task?.error?.message}`];
  };

  test('counts all its attempts, and fails it for good when another call may cost too much', async () => {
    const [stats, end] = await runOnce(2, 0.75);
    // The same output comes again, so that the second attempt is the last.
    expect(end).toMatch(/^2 repeated/);
    expect(stats.costUsd).toBeCloseTo(1.5);
    expect(await runOnce(1.5, 0.75)).toMatchObject([
      { costUsd: 0.75 },
      '2 permanent: the task has cost $0.75, and another call may cost $1.00: more than the $1.50 that a task may cost',
    ]);
  });

  test('counts what answers that were lost may have cost, in whatever run that was', async () => {
    const { executor, state } = paying(0.25);
    let isLost = true;
    const losing: Executor = {
      async execute(task, context) {
        if (!isLost) return executor.execute(task, context);
        const money = await context.budget!.reserve(1, context.signal);
        if (money.refused !== undefined) throw new Error(money.refused);
        await money.settle(1);
        return { success: false, error: { kind: 'transient', message: 'lost' } };
      },
    };
    const config = { maxTaskCostUsd: 1.5 };
    const first = await orchestra({ tasks: ['one'], executor: losing, config });
    const done = first.orchestrator.run();
    await first.event('task:retry');
    first.orchestrator.stop();
    const { usage } = await done;
    expect(usage).toMatchObject({ costUsd: 0, possibleUsd: 1 });
    expect(await first.task('task-001')).toMatchObject({
      status: 'pending',
      attempts: 0,
      usage: { costUsd: 0, possibleUsd: 1 },
      history: [{ outcome: 'interrupted', error: 'lost', usage: { possibleUsd: 1 } }],
    });
    isLost = false;
    const second = await orchestra({ store: first.store, executor: losing, config });
    await second.orchestrator.run();
    expect(state.calls).toBe(0);
    expect((await second.task('task-001')).error?.message).toBe(
      'the task has cost $1.00, and another call may cost $1.00: more than the $1.50 that a task may cost',
    );
  });

  test('is warned of once, when four fifths of it are used, over attempts, verdicts and runs', async () => {
    const usage = { inputTokens: 1, outputTokens: 1, costUsd: 0.02 };
    let calls = 0;
    const executor = answering(() => ({ success: true, output: String(++calls), usage }));
    const verifier: Verifier = {
      verify: async () => ({ passed: false, confidence: 1, feedback: 'no', issues: [], usage }),
    };
    const parts = { executor, verifier, config: { maxTaskCostUsd: 0.1, maxAttempts: 4 } };
    const first = await orchestra({ ...parts, tasks: ['one'] });
    expect((await first.orchestrator.run()).costUsd).toBeCloseTo(0.16);
    const warnings = first.events.filter(({ event }) => event === 'task:cost-warning');
    expect(warnings).toMatchObject([{ task: { id: 'task-001' }, attempt: 2, limitUsd: 0.1 }]);
    expect(warnings).toMatchObject([{ spentUsd: expect.closeTo(0.08, 10) }]);
    await first.store.reset('all');
    const second = await orchestra({ ...parts, store: first.store });
    await second.orchestrator.run();
    const without = await orchestra({ ...parts, tasks: ['one'], config: { maxAttempts: 4 } });
    await without.orchestrator.run();
    expect([...second.names(), ...without.names()]).not.toContain('task:cost-warning');
  });

  test('cannot hold where a price is not known', async () => {
    const [, end] = await runOnce(5, undefined);
    expect(end).toBe('2 permanent: what the task costs is not known, and it has a limit');
  });
});

/** Resolves when so much is spent in the pool. */
async function untilSpent(store: MemoryTaskStore, usd: number): Promise<'spent'> {
  for (;;) {
    const change = new Promise<void>((resolve) => {
      const end = store.changes(() => {
        end();
        resolve();
      });
    });
    if (((await store.pool())?.spentUsd ?? 0) >= usd) return 'spent';
    await change;
  }
}
