import { expect, test } from 'vitest';
import { OrchError } from '../../src/model/errors.ts';
import { CircuitBreaker } from '../../src/safety/circuit-breaker.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { ManualRuntime, turns } from '../support/manual-runtime.ts';
import { lenient, orchestra } from '../support/orchestra.ts';

test('leases are renewed three times as often as they last, as long as work goes on', async () => {
  const { orchestrator, executor, runtime, task } = await orchestra({ tasks: ['one'] });
  const run = orchestrator.run();
  const call = await executor.nextCall();
  for (let i = 1; i <= 6; i++) {
    await runtime.untilSleeping((ms) => ms === 10_000);
    runtime.advance(10_000);
    await turns();
    const { lease } = await task('task-001');
    expect(Date.parse(lease?.expiresAt ?? '') - runtime.clock.now()).toBe(30_000);
  }
  call.succeed();
  expect(await run).toMatchObject({ completed: 1 });
});

test('a task that is cancelled while it runs is let go of, and what it gives is dropped', async () => {
  const records: string[] = [];
  const safety = {
    stopReason: undefined,
    allowContinue: () => true,
    recordAttempt: () => records.push('attempt'),
    recordSuccess: () => records.push('success'),
    recordFailure: () => records.push('failure'),
  };
  const { orchestrator, executor, runtime, store, task, event } = await orchestra({ tasks: ['one'], safety });
  const run = orchestrator.run();
  const call = await executor.nextCall();
  await store.cancel(['task-001']);
  await runtime.untilSleeping((ms) => ms === 10_000);
  runtime.advance(10_000);
  await turns();
  expect(call.context.signal.aborted).toBe(true);
  call.succeed('too late');
  expect(await run).toMatchObject({ completed: 0, failed: 1 });
  expect(await event('task:fail')).toMatchObject({ task: { id: 'task-001' }, error: { kind: 'cancelled' } });
  expect(await task('task-001')).toMatchObject({ status: 'failed', error: { kind: 'cancelled' } });
  expect(records).toEqual(['attempt']);
});

test('a cancelled task is let go of within a second of the change, and what it cost is counted', async () => {
  const { orchestrator, executor, runtime, store } = await orchestra({ tasks: ['one'] });
  const run = orchestrator.run();
  const call = await executor.nextCall();
  await runtime.untilSleeping((ms) => ms === 1000);
  runtime.advance(1000);
  await turns();
  expect(call.context.signal.aborted).toBe(false);
  await store.cancel(['task-001']);
  await runtime.untilSleeping((ms) => ms === 1000);
  runtime.advance(1000);
  await turns();
  expect(call.context.signal.aborted).toBe(true);
  call.finish({
    success: false,
    error: { kind: 'failed', message: 'aborted' },
    usage: { inputTokens: 1, outputTokens: 1, costUsd: 5 },
  });
  expect(await run).toMatchObject({ failed: 1, costUsd: 5 });
});

test('a task that was cancelled and reset is not done twice at once', async () => {
  const { orchestrator, executor, store, task } = await orchestra({
    tasks: ['one'],
    config: { concurrency: 2 },
  });
  const run = orchestrator.run();
  const first = await executor.nextCall();
  await store.cancel(['task-001']);
  await store.reset({ ids: ['task-001'] });
  await turns();
  expect(first.context.signal.aborted).toBe(true);
  expect(executor.calls).toHaveLength(1);
  first.fail('failed', 'aborted');
  const second = await executor.nextCall();
  second.succeed('again');
  await run;
  expect(executor.peak).toBe(1);
  expect(await task('task-001')).toMatchObject({ status: 'completed', result: 'again' });
});

test('a lease is renewed no more once its task is settled', async () => {
  const store = new MemoryTaskStore();
  const renewed: string[][] = [];
  const renew = store.renew.bind(store);
  store.renew = (leases, leaseMs) => {
    renewed.push(leases.map(({ taskId }) => taskId));
    return renew(leases, leaseMs);
  };
  const { orchestrator, executor, runtime } = await orchestra({
    store,
    tasks: ['one', 'two'],
    config: { concurrency: 2 },
  });
  const run = orchestrator.run();
  const [one, two] = [await executor.nextCall(), await executor.nextCall()];
  one.succeed();
  await turns();
  runtime.advance(10_000);
  await turns();
  expect(renewed).toEqual([['task-002']]);
  two.succeed();
  await run;
});

test('the store knows that a run lives from before its first claim until its end', async () => {
  const { orchestrator, executor, store } = await orchestra({ tasks: ['one'] });
  const run = orchestrator.run();
  const call = await executor.nextCall();
  expect(await store.runs()).toMatchObject([{ id: call.task.lease?.run, pid: process.pid }]);
  call.succeed();
  await run;
  expect(await store.runs()).toEqual([]);
});

test('a runner that slept past its lease finds its late completion refused', async () => {
  const runtime = new ManualRuntime();
  const store = new MemoryTaskStore({ clock: runtime.clock });
  const slow = await orchestra({ store, tasks: ['one'], verifier: lenient });
  const slowRun = slow.orchestrator.run();
  const late = await slow.executor.nextCall();

  runtime.advance(30_001);
  const quick = await orchestra({ store, runtime });
  const quickRun = quick.orchestrator.run();
  await turns();
  // It lives, as far as anybody can see: so it gets the time of a renewal to show that it was only held up.
  runtime.advance(10_000);
  (await quick.executor.nextCall()).succeed('in time');
  expect(await quickRun).toMatchObject({ completed: 1 });

  late.succeed('too late');
  expect(await slowRun).toMatchObject({ completed: 0 });
  expect(slow.names()).toContain('task:lost');
  expect(slow.names()).not.toContain('task:complete');
  expect(await slow.task('task-001')).toMatchObject({ result: 'in time', status: 'completed' });
});

test('a run waits for a task that another run holds, because it could come back', async () => {
  const runtime = new ManualRuntime();
  const store = new MemoryTaskStore({ clock: runtime.clock });
  const a = await orchestra({ store, tasks: ['one'] });
  const b = await orchestra({ store });
  const runA = a.orchestrator.run();
  const call = await a.executor.nextCall();
  let ended = false;
  const runB = b.orchestrator.run().finally(() => {
    ended = true;
  });
  await turns();
  expect(ended).toBe(false);
  call.fail('failed', 'once');
  const second = await Promise.race([a.executor.nextCall(), b.executor.nextCall()]);
  second.succeed();
  const [statsA, statsB] = await Promise.all([runA, runB]);
  expect(statsA.completed + statsB.completed).toBe(1);
});

/** Its first settlement fails; from then on all is well. */
function storeThatBreaksOnce(): MemoryTaskStore {
  const store = new MemoryTaskStore();
  const settle = store.settle.bind(store);
  let broken = true;
  store.settle = (lease, settlement) => {
    if (!broken) return settle(lease, settlement);
    broken = false;
    return Promise.reject(new OrchError('store-unusable', 'torn for a moment'));
  };
  return store;
}

test('a store that breaks for a moment ends the run, and the answer in hand is kept in it all the same', async () => {
  const store = storeThatBreaksOnce();
  const { orchestrator, executor, task } = await orchestra({ store, tasks: ['one'] });
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('paid for');
  await expect(run).rejects.toThrow('torn for a moment');
  expect(orchestrator.unsaved).toEqual([]);
  expect(await task('task-001')).toMatchObject({ status: 'completed', result: 'paid for', attempts: 1 });
});

test('a failed attempt is none the better for a store that breaks for a moment', async () => {
  const store = storeThatBreaksOnce();
  const { orchestrator, executor, task } = await orchestra({ store, tasks: ['one'] });
  const run = orchestrator.run();
  (await executor.nextCall()).finish({
    success: false,
    error: { kind: 'failed', message: 'exited with 3' },
    output: 'partial',
  });
  await expect(run).rejects.toThrow('torn for a moment');
  expect(await task('task-001')).toMatchObject({
    status: 'pending',
    attempts: 1,
    history: [{ outcome: 'failed' }],
  });
  const again = orchestrator.run();
  (await executor.nextCall()).succeed('whole');
  expect(await again).toMatchObject({ completed: 1 });
});

test('when the store breaks before anything is decided, the output is kept and the task goes back', async () => {
  const store = new MemoryTaskStore();
  const checkpoint = store.checkpoint.bind(store);
  let broken = true;
  store.checkpoint = (lease, kept) => {
    if (!broken) return checkpoint(lease, kept);
    broken = false;
    return Promise.reject(new OrchError('store-unusable', 'torn for a moment'));
  };
  const { orchestrator, executor, task } = await orchestra({ store, tasks: ['one'], verifier: lenient });
  const run = orchestrator.run();
  const paidFor = { output: 'paid for', confidence: 0.5, metadata: { model: 'm' } };
  (await executor.nextCall()).finish({ success: true, ...paidFor });
  await expect(run).rejects.toThrow('torn for a moment');
  expect(await task('task-001')).toMatchObject({ status: 'pending', attempts: 0, history: [paidFor] });
  expect(await task('task-001')).not.toHaveProperty('crashes');
});

test('a store that stays broken is waited for once, not once for each task', async () => {
  const store = new MemoryTaskStore();
  let [waiting, most] = [0, 0];
  const gate = Promise.withResolvers<void>();
  let first = true;
  store.settle = async () => {
    if (first) first = false;
    else {
      most = Math.max(most, ++waiting);
      await gate.promise;
      waiting--;
    }
    throw new OrchError('store-unusable', 'held');
  };
  const { orchestrator, executor } = await orchestra({
    store,
    tasks: ['1', '2', '3'],
    config: { concurrency: 3 },
  });
  const run = orchestrator.run();
  const calls = [await executor.nextCall(), await executor.nextCall(), await executor.nextCall()];
  for (const call of calls) call.succeed();
  await turns();
  gate.resolve();
  await expect(run).rejects.toThrow('held');
  expect(orchestrator.unsaved).toHaveLength(3);
  expect(most).toBeGreaterThan(1);
});

test('when the store breaks, everything ends, and the outputs in hand are handed over', async () => {
  const store = new MemoryTaskStore();
  store.settle = () => Promise.reject(new OrchError('store-unusable', 'no space left'));
  const { orchestrator, executor, names } = await orchestra({
    store,
    tasks: ['one', 'two', 'three'],
    config: { concurrency: 2 },
  });
  const run = orchestrator.run();
  const [first, second] = [await executor.nextCall(), await executor.nextCall()];
  first.succeed('paid for');
  await turns();
  expect(second.context.signal.aborted).toBe(true);
  second.fail('failed', 'aborted');
  await expect(run).rejects.toThrow('no space left');
  expect(orchestrator.state).toBe('error');
  expect(orchestrator.unsaved).toEqual([{ taskId: 'task-001', output: 'paid for' }]);
  expect(names().at(-1)).toBe('run:end');
});

test('a task that this run finds crashed for the third time counts as failed in it', async () => {
  const store = new MemoryTaskStore();
  await store.add([{ description: 'one' }]);
  for (const id of ['a', 'b', 'c']) {
    await store.join({ id, pid: 1, host: 'h', startedAt: '2026-01-01T00:00:00.000Z' });
    await store.claim({ run: id, leaseMs: 30_000 });
    await store.leave(id);
  }
  const { orchestrator, executor, event } = await orchestra({
    store,
    safety: new CircuitBreaker({ maxConsecutiveFailures: 1 }),
    config: { limit: 1 },
  });
  await store.add([{ description: 'two' }]);
  expect(await orchestrator.run()).toMatchObject({
    processed: 1,
    failed: 1,
    attempts: 0,
    // It failed, and it is not one of those that the limit lets start.
    stopReason: { kind: 'safety' },
  });
  expect(await event('task:fail')).toMatchObject({ task: { id: 'task-001' }, error: { kind: 'crashed' } });
  expect(executor.calls).toHaveLength(0);
});
