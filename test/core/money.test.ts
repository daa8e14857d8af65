import { describe, expect, test } from 'vitest';
import type { Executor } from '../../src/ports/executor.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { turns } from '../support/manual-runtime.ts';
import { orchestra, rejecting } from '../support/orchestra.ts';
import { spender } from '../support/spender.ts';
import { claimOne, done, runInfo } from '../support/store-parts.ts';

/** Sets aside once, and ends as it is told. */
function careless(settle: (money: { settle(usd: number | undefined): Promise<void> }) => unknown): Executor {
  return {
    async execute(_, { budget, signal }) {
      const money = await budget!.reserve(1, signal);
      if (money.refused !== undefined)
        return { success: false, error: { kind: money.kind, message: money.refused } };
      await settle(money);
      return { success: true, output: 'x' };
    },
  };
}

describe('a task whose call does not fit', () => {
  test('into the whole cap is left, and the others are done: the run ends by its safety, and says why', async () => {
    const { executor, asked } = spender();
    const { orchestrator, store, events } = await orchestra({
      tasks: ['3 1', { id: 'after-it', description: '0.1 0.1', after: ['task-001'] }, '0.1 0.1', '0.1 0.1'],
      executor,
      config: { maxCostUsd: 2 },
    });
    const stats = await orchestrator.run();
    const message = 'task-001 is left: a call for it may cost $3.00, more than the budget of $2.00';
    expect(stats).toMatchObject({ completed: 2, failed: 0, stopReason: { kind: 'safety', message } });
    expect(asked).toEqual(['task-001', 'task-002', 'task-003']);
    expect(await store.get('task-001')).toMatchObject({ status: 'pending', attempts: 0, history: [] });
    const told = events.flatMap((event) => ('reason' in event ? [[event.event, event.reason]] : []));
    expect(told).toEqual([
      ['task:release', message],
      ['safety:trip', message],
    ]);
  });

  test('into what is left is left, as long as that is enough for one as they were so far', async () => {
    const { executor, asked } = spender();
    const { orchestrator } = await orchestra({
      tasks: ['0.1 0.1', '0.9 0.1', '0.9 0.1', '0.9 0.1', '0.1 0.1'],
      executor,
      config: { concurrency: 1, maxCostUsd: 1 },
    });
    const { completed, stopReason } = await orchestrator.run();
    // After two, 80 cents are left: not enough for the third and fourth, but for the fifth.
    expect({ completed, asked: asked.length }).toEqual({ completed: 3, asked: 5 });
    expect(stopReason?.message).toBe(
      'task-003 is left: a call for it may cost $0.9, and $0.8 of the budget of $1.00 is left; another task does not fit either',
    );
  });

  test('stops the run where what is left is not enough for others either', async () => {
    const { executor, asked } = spender();
    const { orchestrator } = await orchestra({
      tasks: ['0.5 0.4', '0.5 0.4', '0.5 0.4', '0.5 0.4'],
      executor,
      config: { concurrency: 1, maxCostUsd: 1 },
    });
    const { stopReason } = await orchestrator.run();
    expect(stopReason?.message).toBe(
      'the budget of $1.00 leaves no room: $0.8 is spent, and another call may cost $0.5',
    );
    expect(asked).toHaveLength(3);
  });

  test('is no reason to stop once another run has done it', async () => {
    const { executor } = spender();
    const store = new MemoryTaskStore();
    await store.join(runInfo('other'));
    const {
      orchestrator,
      event,
      executor: held,
    } = await orchestra({
      store,
      tasks: ['3 1', 'held'],
      executor: {
        execute: (task, context) =>
          task.description === 'held' ? held.execute(task, context) : executor.execute(task, context),
      },
      config: { maxCostUsd: 2 },
    });
    const run = orchestrator.run();
    await event('task:release');
    const call = await held.nextCall();
    const { lease } = await claimOne(store, 'other');
    await store.settle(lease, done('by another'));
    call.succeed();
    expect((await run).stopReason).toBeUndefined();
  });

  test('stops the run once there are a hundred of them', async () => {
    const { executor, asked } = spender();
    const { orchestrator } = await orchestra({
      tasks: Array.from({ length: 150 }, () => '3 1'),
      executor,
      config: { concurrency: 1, maxCostUsd: 2 },
    });
    expect((await orchestrator.run()).stopReason?.kind).toBe('safety');
    expect(asked).toHaveLength(101);
  });

  test('is not why a run ended that somebody stopped', async () => {
    const { executor } = spender();
    const { orchestrator, event, store } = await orchestra({
      tasks: ['3 1'],
      executor,
      config: { maxCostUsd: 2, stay: true },
    });
    const run = orchestrator.run();
    await event('task:release');
    orchestrator.stop();
    expect((await run).stopReason?.kind).toBe('stopped');
    expect(await store.lastStop()).toBeUndefined();
  });

  test('may ask for less, and is done, at another attempt too', async () => {
    const { orchestrator } = await orchestra({
      tasks: ['one'],
      executor: {
        async execute(_, { attempt, budget, signal }) {
          expect((await budget!.reserve(3, signal)).refused).toContain('task-001 is left');
          const money = await budget!.reserve(1, signal);
          if (money.refused === undefined) await money.settle(1);
          return { success: true, output: String(attempt) };
        },
      },
      verifier: rejecting(1),
      config: { maxCostUsd: 2.5 },
    });
    expect(await orchestrator.run()).toMatchObject({ completed: 1 });
    expect(orchestrator.stats.stopReason).toBeUndefined();
  });
});

describe('what a module of somebody says of money', () => {
  const poolAfter = async (settle: Parameters<typeof careless>[0]) => {
    const store = new MemoryTaskStore();
    await store.join(runInfo('other'));
    const { orchestrator } = await orchestra({ store, tasks: ['one'], executor: careless(settle) });
    await orchestrator.run();
    return store.pool();
  };

  test.each([Number.POSITIVE_INFINITY, Number.NaN, -5, '1' as never])(
    '%s is unknown, and not 0',
    async (usd) => {
      expect(await poolAfter((money) => money.settle(usd))).toEqual({
        spentUsd: 0,
        reservedUsd: 0,
        unpriced: true,
      });
      const { orchestrator } = await orchestra({
        tasks: ['one'],
        executor: {
          async execute(_, { budget, signal }) {
            const { refused } = await budget!.reserve(usd, signal);
            return { success: false, error: { kind: 'transient', message: String(refused) } };
          },
        },
        config: { maxCostUsd: 2 },
      });
      expect((await orchestrator.run()).stopReason?.message).toContain('is not known');
    },
  );

  const usageAfter = async (executor: Executor) => {
    const { orchestrator, task } = await orchestra({ tasks: ['one'], executor, config: { maxAttempts: 1 } });
    await orchestrator.run();
    return (await task('task-001')).usage;
  };
  const nothing = { inputTokens: 0, outputTokens: 0 };

  test('is kept with the task where it was charged and is not told', async () => {
    const thrown = careless(async (money) => {
      await money.settle(0.5);
      throw new Error('a defect');
    });
    expect(await usageAfter(thrown)).toEqual({ ...nothing, costUsd: 0, possibleUsd: 0.5 });
    expect(await usageAfter(careless(() => undefined))).toEqual({ ...nothing, costUsd: 0, possibleUsd: 1 });
    expect(await usageAfter(careless((money) => money.settle(undefined)))).toEqual(nothing);
    const cut: Executor = {
      async execute(task, context) {
        const result = await careless((money) => money.settle(1)).execute(task, context);
        return { ...result, usage: { inputTokens: 3, outputTokens: 4, costUsd: 0.25 } };
      },
    };
    expect(await usageAfter(cut)).toEqual({
      inputTokens: 3,
      outputTokens: 4,
      costUsd: 0.25,
      possibleUsd: 0.75,
    });
  });

  test('is kept with the task that is cancelled before it has answered', async () => {
    const { orchestrator, store, executor } = await orchestra({ tasks: ['one'] });
    const run = orchestrator.run();
    const { context, succeed } = await executor.nextCall();
    await context.budget!.reserve(0.5, context.signal);
    await store.cancel(['task-001']);
    succeed();
    await run;
    expect((await store.get('task-001'))?.usage).toEqual({ ...nothing, costUsd: 0, possibleUsd: 0.5 });
  });

  test('counts for the limit of its task before it has answered', async () => {
    const refused: (string | undefined)[] = [];
    const { orchestrator } = await orchestra({
      tasks: ['one'],
      executor: {
        async execute(_, { budget, signal }) {
          const first = await budget!.reserve(1, signal);
          refused.push((await budget!.reserve(1, signal)).refused);
          if (first.refused === undefined) await first.settle(0.75);
          refused.push((await budget!.reserve(1, signal)).refused);
          refused.push((await budget!.reserve(0.75, signal)).refused);
          return { success: true, output: 'x' };
        },
      },
      config: { maxTaskCostUsd: 1.5 },
    });
    await orchestrator.run();
    const soFar = (usd: string) => expect.stringContaining(`the task has cost ${usd}, and another call`);
    expect(refused).toEqual([soFar('$1.00'), soFar('$0.75'), undefined]);
  });

  test('stops the run where it is a cost that is not known: nobody waits for it', async () => {
    const { orchestrator } = await orchestra({
      tasks: ['one', 'two'],
      executor: careless((money) => money.settle(Number.NaN)),
      config: { concurrency: 1, maxCostUsd: 5 },
    });
    const { completed, stopReason } = await orchestrator.run();
    expect(completed).toBe(1);
    expect(stopReason?.message).toBe(
      'what a call costs is not known, so that the budget of $5.00 cannot hold',
    );
  });

  test('counts once', async () => {
    const twice = await poolAfter(async (money) => {
      await money.settle(0.5);
      await money.settle(0.5);
    });
    expect(twice).toEqual({ spentUsd: 0.5, reservedUsd: 0 });
  });

  test('counts as it was set aside where it is never settled: nobody waits for it', async () => {
    const { orchestrator } = await orchestra({
      tasks: ['one', 'two'],
      executor: careless(() => undefined),
      config: { concurrency: 1, maxCostUsd: 1.5 },
    });
    expect((await orchestrator.run()).stopReason?.message).toContain('$1.00 is spent');
  });

  test('counts where it paid without asking, and stops the run once that is too much', async () => {
    const { orchestrator } = await orchestra({
      tasks: ['one', 'two', 'three', 'four'],
      executor: {
        execute: async (task) => ({
          success: true,
          output: task.id,
          usage: { inputTokens: 1, outputTokens: 1, costUsd: 0.75 },
        }),
      },
      config: { concurrency: 1, maxCostUsd: 1 },
    });
    expect(await orchestrator.run()).toMatchObject({
      completed: 2,
      stopReason: { kind: 'safety', message: '$1.50 is spent, more than the budget of $1.00' },
    });
  });

  test('is not charged again where it did ask', async () => {
    const { executor } = spender();
    const store = new MemoryTaskStore();
    await store.join(runInfo('other'));
    const { orchestrator } = await orchestra({ store, tasks: ['1 0.5'], executor });
    await orchestrator.run();
    expect(await store.pool()).toEqual({ spentUsd: 0.5, reservedUsd: 0 });
  });
});

describe('a call that waits for money', () => {
  /** Another run has most of a dollar set aside, for a task that it holds. */
  async function behind() {
    const { executor, asked } = spender();
    // It does not wake up by renewing what it holds.
    const config = { concurrency: 1, leaseMs: 200_000, renewMs: 190_000 };
    const parts = await orchestra({ executor, tasks: ['0.5 0.5'], config });
    const { store } = parts;
    await store.join({ ...runInfo('other'), maxCostUsd: 1 });
    const { lease } = await claimOne(store, 'other');
    await store.reserve({ run: 'other', call: '1', usd: 0.75 });
    await store.add([{ description: '0.5 0.5' }]);
    return { ...parts, asked, lease };
  }

  test('says so, and when it is over', async () => {
    const { orchestrator, store, names, event, lease } = await behind();
    const run = orchestrator.run();
    expect(await event('budget:wait')).toMatchObject({ pool: { spentUsd: 0, reservedUsd: 0.75, capUsd: 1 } });
    expect(names()).not.toContain('budget:resume');
    await store.spend({ run: 'other', call: '1', usd: 0.25 });
    await event('budget:resume');
    await store.settle(lease, done('x'));
    expect((await run).completed).toBe(1);
    expect(names().filter((name) => name.startsWith('budget:'))).toEqual(['budget:wait', 'budget:resume']);
  });

  test('waits as long as the other run holds its task', async () => {
    const { orchestrator, store, runtime, event, lease } = await behind();
    const run = orchestrator.run();
    await event('budget:wait');
    for (let i = 0; i < 6; i++) {
      await store.renew([lease], 30_000);
      runtime.advance(10_000);
      await turns();
    }
    await store.spend({ run: 'other', call: '1', usd: 0.5 });
    await event('task:complete');
    orchestrator.stop();
    await run;
  });

  test('ends where that one does not move: what it has set aside counts, and nobody waits for it', async () => {
    const { orchestrator, store, runtime, event } = await behind();
    const run = orchestrator.run();
    await event('budget:wait');
    // The lease ends; then it is looked at again before it is believed.
    for (let i = 0; i < 3; i++) {
      runtime.advance(10_000);
      await turns();
    }
    expect(orchestrator.stats.stopReason).toBeUndefined();
    runtime.advance(10_000);
    expect((await run).stopReason).toEqual({
      kind: 'safety',
      message:
        'the budget of $1.00 leaves no room: $0 is spent, $0.75 is set aside by other, which lives and does not move, and another call may cost $0.5',
    });
    expect(await store.pool()).toMatchObject({ reservedUsd: 0.75, capUsd: 1 });
  });

  test('goes on where the other one moves again', async () => {
    const { orchestrator, store, runtime, event, lease } = await behind();
    const run = orchestrator.run();
    await event('budget:wait');
    for (let i = 0; i < 3; i++) {
      runtime.advance(10_000);
      await turns();
    }
    await store.renew([lease], 60_000);
    for (let i = 0; i < 3; i++) {
      runtime.advance(10_000);
      await turns();
    }
    expect(orchestrator.stats.stopReason).toBeUndefined();
    await store.spend({ run: 'other', call: '1', usd: 0 });
    await event('task:complete');
    orchestrator.stop();
    await run;
  });
});
