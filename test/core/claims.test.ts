import { expect, test } from 'vitest';
import type { Claim, ClaimAnswer } from '../../src/ports/task-store.ts';
import { CircuitBreaker } from '../../src/safety/circuit-breaker.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { shouting } from '../support/fake-executor.ts';
import { turns } from '../support/manual-runtime.ts';
import { orchestra } from '../support/orchestra.ts';

/** Does all that waits in one go, and answers then: as a store does that writes in groups. */
class GroupingStore extends MemoryTaskStore {
  /** What each group consisted of. */
  readonly groups: string[][] = [];
  #group: { names: string[]; written: PromiseWithResolvers<void> } | undefined;

  override claim(...args: Parameters<MemoryTaskStore['claim']>): Promise<ClaimAnswer> {
    return this.#written('claim', super.claim(...args));
  }

  override settle(...args: Parameters<MemoryTaskStore['settle']>): ReturnType<MemoryTaskStore['settle']> {
    return this.#written('settle', super.settle(...args));
  }

  async #written<T>(name: string, answer: Promise<T>): Promise<T> {
    this.#group ??= this.#begin();
    this.#group.names.push(name);
    await this.#group.written.promise;
    return answer;
  }

  #begin(): { names: string[]; written: PromiseWithResolvers<void> } {
    const group = { names: [], written: Promise.withResolvers<void>() };
    setImmediate(() => {
      this.#group = undefined;
      this.groups.push(group.names);
      group.written.resolve();
    });
    return group;
  }
}

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `task ${i}`);

test('the settlements of a full house and the claims that follow go to the store together', async () => {
  const store = new GroupingStore();
  const { orchestrator } = await orchestra({
    store,
    tasks: many(80),
    executor: shouting,
    config: { concurrency: 8 },
  });
  expect(await orchestrator.run()).toMatchObject({ completed: 80 });
  const full = store.groups.filter((group) => group.length === 16);
  expect(full.length).toBeGreaterThanOrEqual(5);
  expect(full[0]?.toSorted()).toEqual([...Array(8).fill('claim'), ...Array(8).fill('settle')]);
});

test('free slots do not all ask a store that has nothing', async () => {
  const store = new GroupingStore();
  const { orchestrator, executor } = await orchestra({
    store,
    tasks: ['one'],
    config: { concurrency: 50 },
  });
  const run = orchestrator.run();
  const call = await executor.nextCall();
  await turns();
  const before = store.groups.flat().length;
  await store.add([{ description: 'two' }]);
  (await executor.nextCall()).succeed();
  await turns();
  // One that finds it, at most two that look for more; its settlement, and one that looks again.
  expect(store.groups.flat().length - before).toBeLessThanOrEqual(6);
  call.succeed();
  expect(await run).toMatchObject({ completed: 2 });
});

test('a task that comes back while the store is being asked is not left behind', async () => {
  for (const concurrency of [1, 2, 3, 8]) {
    const store = new GroupingStore();
    const { orchestrator } = await orchestra({
      store,
      tasks: ['one'],
      config: { concurrency, maxAttempts: 5 },
      executor: {
        execute: async (_, { attempt }) =>
          attempt < 5
            ? { success: false, error: { kind: 'failed', message: 'not yet' } }
            : { success: true, output: 'done' },
      },
    });
    expect(await orchestrator.run()).toMatchObject({ completed: 1, attempts: 5 });
  }
});

test('an answer from before the last task came back does not end the run', async () => {
  const store = new MemoryTaskStore();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const claim = store.claim.bind(store);
  let slow = false;
  store.claim = async (request) => {
    const result = await claim(request);
    if (slow) {
      slow = false;
      asked.resolve();
      await answer.promise;
    }
    return result;
  };
  const { orchestrator, executor, event } = await orchestra({
    store,
    tasks: ['one'],
    config: { concurrency: 2 },
  });
  const run = orchestrator.run();
  const first = await executor.nextCall();
  await turns();
  slow = true;
  // A change that brings nothing to do makes the free slot look again.
  await store.add([{ description: 'next year', notBefore: '2099-01-01T00:00:00.000Z' }]);
  await asked.promise;
  first.fail('failed', 'not yet');
  await event('task:retry');
  await turns();
  answer.resolve();
  (await executor.nextCall()).succeed();
  expect(await run).toMatchObject({ completed: 1, attempts: 2 });
});

test('nor does one that was asked for together with the claim of that task', async () => {
  const store = new MemoryTaskStore();
  const answer = Promise.withResolvers<void>();
  const claim = store.claim.bind(store);
  let claims = 0;
  store.claim = async (request) => {
    const result = await claim(request);
    if (++claims === 4) await answer.promise;
    return result;
  };
  const { orchestrator, executor, event } = await orchestra({
    store,
    tasks: ['one', 'two', 'three'],
    // The open claim could start the fourth task: so there is no other beside it.
    config: { concurrency: 2, limit: 4 },
  });
  const run = orchestrator.run();
  for (const call of [await executor.nextCall(), await executor.nextCall()]) call.fail('permanent');
  (await executor.nextCall()).fail('failed', 'not yet');
  await event('task:retry');
  await turns();
  expect(claims).toBe(4);
  answer.resolve();
  (await executor.nextCall()).succeed();
  expect(await run).toMatchObject({ completed: 1, failed: 2, attempts: 4 });
});

test('claims that are under way count for the limit on tasks', async () => {
  const store = new GroupingStore();
  const { orchestrator } = await orchestra({
    store,
    tasks: many(20),
    executor: shouting,
    config: { concurrency: 8, limit: 5 },
  });
  const before = new Set<string>();
  const settle = store.settle.bind(store);
  store.settle = (lease, settlement) => {
    before.add(lease.taskId);
    return settle(lease, settlement);
  };
  expect(await orchestrator.run()).toMatchObject({ completed: 5, stopReason: { kind: 'limit' } });
  // The sixth is the one by which the run saw that work is left: given back at once.
  expect(before.size).toBeLessThanOrEqual(6);
  expect(await store.counts()).toMatchObject({ completed: 5, pending: 15 });
});

test('what was claimed beyond the limit on iterations goes back untouched', async () => {
  const store = new GroupingStore();
  const { orchestrator, names } = await orchestra({
    store,
    tasks: many(20),
    executor: shouting,
    config: { concurrency: 8 },
    safety: new CircuitBreaker({ maxIterations: 11 }),
  });
  expect(await orchestrator.run()).toMatchObject({ completed: 11, stopReason: { kind: 'safety' } });
  expect(await store.counts()).toMatchObject({ completed: 11, pending: 9, in_progress: 0 });
  expect(names().filter((name) => name === 'task:start')).toHaveLength(11);
});

test('a claim that is under way as the run is stopped is given back before it leaves', async () => {
  const store = new MemoryTaskStore();
  const answer = Promise.withResolvers<void>();
  const held: Claim[] = [];
  const claim = store.claim.bind(store);
  store.claim = async (request) => {
    const result = await claim(request);
    if (result.task) held.push(result);
    if (held.length > 1) await answer.promise;
    return result;
  };
  const { orchestrator, executor } = await orchestra({
    store,
    tasks: ['one', 'two'],
    config: { concurrency: 3 },
  });
  const run = orchestrator.run();
  (await executor.nextCall()).succeed();
  await turns();
  orchestrator.stop();
  await turns();
  expect(held).toHaveLength(2);
  expect(await store.runs()).toHaveLength(1);
  answer.resolve();
  expect(await run).toMatchObject({ completed: 1 });
  expect(await store.counts()).toMatchObject({ completed: 1, pending: 1 });
});
