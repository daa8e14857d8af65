import { describe, expect, test } from 'vitest';
import type { Budget } from '../../src/ports/budget.ts';
import type { ExecutionContext, Executor } from '../../src/ports/executor.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { turns } from '../support/manual-runtime.ts';
import { orchestra } from '../support/orchestra.ts';
import { runInfo } from '../support/store-parts.ts';

type Execute = Executor['execute'];

/** Sets aside, works a turn, and pays all of it. @returns why not, where that was refused. */
async function pay(usd: number, { budget, signal }: ExecutionContext): Promise<string | undefined> {
  const money = await budget!.reserve(usd, signal);
  if (money.refused !== undefined) return money.refused;
  await turns(1);
  await money.settle(usd);
  return undefined;
}

const refusal = (message: string) => ({ success: false, error: { kind: 'transient', message } }) as const;

/** Sets aside, and while it has not settled that, as much again; each costs a tenth. */
const nested =
  (usd: number): Execute =>
  async (task, { budget, signal }) => {
    const first = await budget!.reserve(usd, signal);
    if (first.refused !== undefined) return refusal(first.refused);
    await turns(1);
    const second = await budget!.reserve(usd, signal);
    await first.settle(usd / 10);
    if (second.refused !== undefined) return refusal(second.refused);
    await second.settle(usd / 10);
    return { success: true, output: task.id };
  };

const tokens = { inputTokens: 1000, outputTokens: 1000 };

describe('calls at once of a module', () => {
  test('each count for the limit of the task, before any of them is granted', async () => {
    let refused: (string | undefined)[] = [];
    const { orchestrator } = await orchestra({
      tasks: ['one'],
      executor: {
        async execute(_, context) {
          refused = await Promise.all([0.8, 0.8, 0.8, 0.8, 0.2].map((usd) => pay(usd, context)));
          return { success: true, output: 'x' };
        },
      },
      config: { maxCostUsd: 10, maxTaskCostUsd: 1 },
    });
    await orchestrator.run();
    const tooDear = expect.stringContaining('the task has cost $0.8');
    expect(refused).toEqual([undefined, tooDear, tooDear, tooDear, undefined]);
  });

  test('do not count for the limit of the task when they were refused', async () => {
    const refused: (string | undefined)[] = [];
    const { orchestrator } = await orchestra({
      tasks: ['one'],
      executor: {
        async execute(_, context) {
          refused.push(await pay(5, context), await pay(0.5, context));
          return { success: true, output: 'x' };
        },
      },
      config: { maxCostUsd: 1, maxTaskCostUsd: 5 },
    });
    await orchestrator.run();
    expect(refused).toEqual([expect.stringContaining('task-001 is left'), undefined]);
  });

  test('of which one never fits and another does are made once: the task is left, and not blamed on the service', async () => {
    let calls = 0;
    const { orchestrator, names } = await orchestra({
      tasks: ['one'],
      executor: {
        async execute(_, context) {
          calls++;
          const late = turns(3).then(() => pay(0.1, context));
          const [dear] = await Promise.all([pay(20, context), late]);
          return refusal(dear ?? '');
        },
      },
      config: { maxCostUsd: 10 },
    });
    const { stopReason } = await orchestrator.run();
    expect(stopReason?.message).toContain('task-001 is left: a call for it may cost $20.00');
    expect(calls).toBe(1);
    expect(names()).not.toContain('task:retry');
  });
});

test('a module that was refused, and answered all the same, is not why the next one fails for now', async () => {
  let verified = 0;
  const { orchestrator, event, runtime } = await orchestra({
    tasks: ['one'],
    executor: {
      async execute(_, context) {
        await pay(20, context);
        return { success: true, output: 'x' };
      },
    },
    verifier: {
      async verify() {
        if (++verified === 1) return { error: { kind: 'transient', message: 'the service is busy' } };
        return { passed: true, confidence: 1, feedback: '', issues: [] };
      },
    },
    config: { maxCostUsd: 10 },
  });
  const run = orchestrator.run();
  expect(await event('task:retry')).toMatchObject({ cause: 'transient' });
  await runtime.untilSleeping(() => true);
  runtime.advance(600_000);
  expect(await run).toMatchObject({ completed: 1 });
  expect(orchestrator.stats.stopReason).toBeUndefined();
});

describe('what is paid beyond what was set aside', () => {
  const paysMore: Execute = async (task, context) => {
    await pay(0.01, context);
    return { success: true, output: task.id, usage: { ...tokens, costUsd: 5 } };
  };

  test('counts, and stops the run when it was too much', async () => {
    const store = new MemoryTaskStore();
    await store.join(runInfo('other'));
    const { orchestrator } = await orchestra({
      store,
      tasks: ['one', 'two'],
      executor: { execute: paysMore },
      config: { maxCostUsd: 1 },
    });
    const { completed, stopReason } = await orchestrator.run();
    expect({ completed, message: stopReason?.message }).toEqual({
      completed: 1,
      message: '$5.00 is spent, more than the budget of $1.00',
    });
    expect((await store.pool())?.spentUsd).toBeCloseTo(5);
  });

  test.each<[string, Execute]>([
    ['nothing', async (task) => ({ success: true, output: task.id, usage: tokens })],
    [
      'a known amount',
      async (task, context) => {
        await pay(0.01, context);
        return { success: true, output: task.id, usage: tokens };
      },
    ],
  ])('at a price that is not known stops the run with a cap (%s was set aside)', async (_, execute) => {
    const { orchestrator } = await orchestra({
      tasks: ['one', 'two'],
      executor: { execute },
      config: { maxCostUsd: 1 },
    });
    const { completed, stopReason } = await orchestrator.run();
    expect({ completed, message: stopReason?.message }).toEqual({
      completed: 1,
      message: 'what a call costs is not known, so that the budget of $1.00 cannot hold',
    });
  });

  test('at a price that is not known is said of the pool where there is no cap, and answers without tokens are free', async () => {
    for (const [usage, unpriced] of [[tokens, true], [{ inputTokens: 0, outputTokens: 0 }]] as const) {
      const store = new MemoryTaskStore();
      await store.join(runInfo('other'));
      const executor: Executor = { execute: async () => ({ success: true, output: 'x', usage }) };
      const { orchestrator } = await orchestra({ store, tasks: ['one'], executor });
      expect(await orchestrator.run()).toMatchObject({ completed: 1 });
      expect((await store.pool())?.unpriced).toBe(unpriced);
    }
  });
});

describe('what was paid for a task that fails for now', () => {
  const losing: Executor = {
    async execute(_, { budget, signal }) {
      const money = await budget!.reserve(0.3, signal);
      if (money.refused !== undefined)
        return { success: false, error: { kind: money.kind, message: money.refused } };
      await money.settle(0.3);
      return refusal('lost');
    },
  };
  const config = { maxTaskCostUsd: 0.5 };

  test('is kept with the task that is cancelled while the run waits to try again', async () => {
    const { orchestrator, store, event } = await orchestra({ tasks: ['one'], executor: losing, config });
    const run = orchestrator.run();
    await event('task:retry');
    await store.cancel(['task-001']);
    orchestrator.stop();
    await run;
    expect(await store.get('task-001')).toMatchObject({ status: 'failed', usage: { possibleUsd: 0.3 } });
  });

  test('is kept likewise where it was paid without asking', async () => {
    const { orchestrator, store, event } = await orchestra({
      tasks: ['one'],
      executor: { execute: async () => ({ ...refusal('lost'), usage: { ...tokens, costUsd: 0.3 } }) },
    });
    const run = orchestrator.run();
    await event('task:retry');
    await store.cancel(['task-001']);
    orchestrator.stop();
    await run;
    expect(await store.get('task-001')).toMatchObject({ status: 'failed', usage: { possibleUsd: 0.3 } });
  });

  test('is kept when the run dies, and counts for the limit of the task from there on', async () => {
    const { orchestrator, store, event } = await orchestra({ tasks: ['one'], executor: losing, config });
    const run = orchestrator.run();
    await event('task:retry');
    // As its death does.
    for (const { id } of await store.runs()) await store.leave(id);
    const second = await orchestra({ store, executor: losing, config });
    await second.orchestrator.run();
    expect((await second.task('task-001')).error?.message).toBe(
      'the task has cost $0.3, and another call may cost $0.3: more than the $0.5 that a task may cost',
    );
    orchestrator.stop();
    await run;
  });

  test('is kept once where a verdict fails for now', async () => {
    const { orchestrator, store, event } = await orchestra({
      tasks: ['one'],
      executor: {
        execute: async () => ({ success: true, output: 'x', usage: { ...tokens, costUsd: 0.125 } }),
      },
      verifier: {
        async verify(_task, _execution, { budget, signal }) {
          const money = await budget!.reserve(0.25, signal);
          if (money.refused === undefined) await money.settle(0.25);
          return { error: { kind: 'transient', message: 'lost' } };
        },
      },
    });
    const run = orchestrator.run();
    await event('task:retry');
    await store.cancel(['task-001']);
    orchestrator.stop();
    await run;
    expect((await store.get('task-001'))?.usage).toEqual({ ...tokens, costUsd: 0.125, possibleUsd: 0.25 });
  });
});

describe('nobody waits for ever', () => {
  test('for what the same task has set aside: it does not come back while it waits', async () => {
    const { orchestrator, store } = await orchestra({
      tasks: ['one'],
      executor: { execute: nested(0.6) },
      config: { maxCostUsd: 1 },
    });
    const { stopReason } = await orchestrator.run();
    expect(stopReason?.message).toBe(
      'task-001 is left: a call for it may cost $0.6, $0.6 is set aside for the same task, and $1.00 of the budget of $1.00 is left',
    );
    expect(await store.counts()).toMatchObject({ pending: 1 });
  });

  test('for tasks that wait likewise: one gives way, and all are done', async () => {
    const { orchestrator } = await orchestra({
      tasks: ['one', 'two', 'three'],
      executor: { execute: nested(0.3) },
      config: { maxCostUsd: 1, concurrency: 3 },
    });
    expect(await orchestrator.run()).toMatchObject({ completed: 3 });
    expect(orchestrator.stats.stopReason).toBeUndefined();
  });

  test('for what a module sets aside when it has answered: it is refused', async () => {
    let late: Promise<string | undefined> | undefined;
    let kept: { budget: Budget; signal: AbortSignal } | undefined;
    const store = new MemoryTaskStore();
    await store.join(runInfo('other'));
    const { orchestrator } = await orchestra({
      store,
      tasks: ['one', 'two'],
      executor: {
        async execute(task, { budget, signal }) {
          if (kept) late = kept.budget.reserve(0.8, kept.signal).then(({ refused }) => refused);
          else kept = { budget: budget!, signal };
          await late;
          return { success: true, output: task.id };
        },
      },
      config: { maxCostUsd: 1 },
    });
    expect(await orchestrator.run()).toMatchObject({ completed: 2 });
    expect(await late).toBe('its executor or verifier has answered already');
    expect(await store.pool()).toBeUndefined();
  });

  test('for what a module had asked for and did not wait for: granted when it has answered, it is free again', async () => {
    const store = new MemoryTaskStore();
    await store.join(runInfo('other'));
    const slow = Promise.withResolvers<void>();
    const { reserve } = store;
    store.reserve = async (request) => {
      await slow.promise;
      return reserve.call(store, request);
    };
    let answer: Promise<string | undefined> | undefined;
    const { orchestrator } = await orchestra({
      store,
      tasks: ['one', 'two'],
      executor: {
        async execute(task, { budget, signal }) {
          if (answer) slow.resolve();
          answer ??= budget!.reserve(0.8, signal).then(({ refused }) => refused);
          if (task.id === 'task-002') await answer;
          return { success: true, output: task.id };
        },
      },
      config: { maxCostUsd: 1 },
    });
    expect(await orchestrator.run()).toMatchObject({ completed: 2 });
    expect(await answer).toBe('its executor or verifier has answered already');
    expect(await store.pool()).toMatchObject({ spentUsd: 0, reservedUsd: 0 });
  });
});
