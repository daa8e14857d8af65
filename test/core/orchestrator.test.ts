import { describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../src/safety/circuit-breaker.ts';
import { DurationLimit } from '../../src/safety/duration-limit.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { answering, type FakeExecutor, shouting } from '../support/fake-executor.ts';
import { ManualRuntime, turns } from '../support/manual-runtime.ts';
import { lenient, orchestra, rejecting } from '../support/orchestra.ts';
import { runInfo } from '../support/store-parts.ts';

describe('a run', () => {
  test('does each task, verifies it, and ends when nothing is left', async () => {
    const { orchestrator, names, task } = await orchestra({
      tasks: ['one', 'two'],
      executor: shouting,
      verifier: lenient,
    });
    expect(orchestrator.state).toBe('idle');
    const stats = await orchestrator.run();
    expect(orchestrator.state).toBe('stopped');
    expect(await task('task-001')).toMatchObject({ status: 'completed', result: 'ONE', verified: true });
    expect(await task('task-002')).toMatchObject({ status: 'completed', result: 'TWO', verified: true });
    expect(stats).toMatchObject({ processed: 2, completed: 2, failed: 0, attempts: 2, successRate: 1 });
    expect(stats).not.toHaveProperty('stopReason');
    const each = ['task:start', 'task:execute', 'task:verify', 'task:complete'];
    expect(names()).toEqual(['run:start', ...each, ...each, 'run:end']);
  });

  test('says at its start how many other runs there are', async () => {
    const { orchestrator, store, events } = await orchestra();
    await store.join(runInfo('other'));
    await orchestrator.run();
    expect(events[0]).toMatchObject({ event: 'run:start', others: 1 });
  });

  test('with nothing to do ends at once', async () => {
    const { orchestrator, names } = await orchestra();
    expect(await orchestrator.run()).toMatchObject({ processed: 0, successRate: 0 });
    expect(names()).toEqual(['run:start', 'run:end']);
  });

  test('without a verifier, or told not to verify, completes tasks as not verified', async () => {
    const bare = await orchestra({ tasks: ['one'], executor: shouting });
    await bare.orchestrator.run();
    expect(bare.names()).toEqual(['run:start', 'task:start', 'task:execute', 'task:complete', 'run:end']);
    expect(await bare.task('task-001')).toMatchObject({ status: 'completed', verified: false });

    const told = await orchestra({
      tasks: ['one'],
      executor: shouting,
      verifier: rejecting(99),
      config: { verifyResults: false },
    });
    await told.orchestrator.run();
    expect(await told.task('task-001')).toMatchObject({ status: 'completed', verified: false });
  });

  test('a verifier that does not apply to a task leaves it not verified', async () => {
    const verifier = { ...lenient, applies: ({ id }: { id: string }) => id === 'task-002' };
    const { orchestrator, task } = await orchestra({ tasks: ['one', 'two'], executor: shouting, verifier });
    await orchestrator.run();
    expect([(await task('task-001')).verified, (await task('task-002')).verified]).toEqual([false, true]);
  });

  test('cannot be started twice at once, and can be started again', async () => {
    const { orchestrator, executor, store } = await orchestra({ tasks: ['one'] });
    const first = orchestrator.run();
    await expect(orchestrator.run()).rejects.toThrow('running already');
    (await executor.nextCall()).succeed();
    await first;
    await store.add([{ description: 'two' }]);
    const second = orchestrator.run();
    (await executor.nextCall()).succeed();
    expect(await second).toMatchObject({ processed: 1, completed: 1 });
  });
});

describe('retry with feedback', () => {
  test('the next attempt gets the previous output, the feedback and the issues', async () => {
    const { orchestrator, executor, event, task } = await orchestra({
      tasks: ['one'],
      verifier: rejecting(1),
    });
    const run = orchestrator.run();
    const first = await executor.nextCall();
    expect(first.context).toMatchObject({ attempt: 1 });
    expect(first.context.previous).toBeUndefined();
    first.succeed('draft');
    const second = await executor.nextCall();
    expect(second.context).toMatchObject({
      attempt: 2,
      previous: { output: 'draft', feedback: 'mend 1', issues: ['issue 1'] },
    });
    expect(await event('task:retry')).toMatchObject({
      cause: 'rejected',
      reason: 'mend 1',
      verdict: { passed: false, issues: ['issue 1'] },
    });
    second.succeed('final');
    expect(await run).toMatchObject({ processed: 1, completed: 1, retried: 1, attempts: 2, successRate: 1 });
    expect(await task('task-001')).toMatchObject({
      result: 'final',
      history: [{ outcome: 'rejected', output: 'draft' }, { outcome: 'passed' }],
    });
  });

  test('an attempt is told how many were rejected: not those that failed, in whatever run, and none after a reset', async () => {
    const runtime = new ManualRuntime();
    const { store } = await orchestra({ tasks: ['one'], runtime });
    const parts = { store, runtime, verifier: rejecting(99), config: { maxAttempts: 3 } };
    const one = await orchestra(parts);
    const run = one.orchestrator.run();
    const seen: unknown[] = [];
    const next = async (executor: FakeExecutor) => {
      const call = await executor.nextCall();
      seen.push(call.context.rejections);
      return call;
    };
    (await next(one.executor)).succeed('a');
    (await next(one.executor)).fail('failed');
    await next(one.executor);
    one.orchestrator.stop('abort');
    one.executor.calls.at(-1)?.fail('transient');
    await run;
    const two = await orchestra(parts);
    const again = two.orchestrator.run();
    (await next(two.executor)).succeed('b');
    await again;
    expect(seen).toEqual([0, 1, 1, 1]);
    await store.reset({ ids: ['task-001'] });
    const three = await orchestra(parts);
    const anew = three.orchestrator.run();
    (await next(three.executor)).fail('permanent');
    await anew;
    expect(seen.at(-1)).toBe(0);
  });

  test("a task's own maxAttempts wins over the run's", async () => {
    const { orchestrator, task } = await orchestra({
      tasks: [{ description: 'one', maxAttempts: 1 }, { description: 'two', maxAttempts: 4 }, 'three'],
      executor: answering((_, { attempt }) => ({ success: true, output: `attempt ${attempt}` })),
      verifier: rejecting(99),
      config: { maxAttempts: 2 },
    });
    const stats = await orchestrator.run();
    const attempts = await Promise.all(
      ['task-001', 'task-002', 'task-003'].map(async (id) => (await task(id)).attempts),
    );
    expect(attempts).toEqual([1, 4, 2]);
    expect(stats).toMatchObject({ processed: 3, failed: 3, retried: 2, attempts: 7, successRate: 0 });
  });

  test('a rejected output that comes again byte for byte ends the retries', async () => {
    const { orchestrator, task, event } = await orchestra({
      tasks: ['one'],
      executor: shouting,
      verifier: rejecting(99),
      config: { maxAttempts: 10 },
    });
    await orchestrator.run();
    expect(await task('task-001')).toMatchObject({
      status: 'failed',
      attempts: 2,
      error: { kind: 'repeated' },
    });
    expect(await event('task:fail')).toMatchObject({ verdict: { passed: false, feedback: 'mend 2' } });
  });

  test('a failed attempt is told what went wrong in the one before', async () => {
    const { orchestrator, executor } = await orchestra({ tasks: ['one'] });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('failed', 'exit status 3');
    const second = await executor.nextCall();
    expect(second.context.previous).toMatchObject({ feedback: 'exit status 3', issues: [] });
    second.succeed();
    await run;
  });

  test('without retryOnFailure the first rejection ends a task', async () => {
    const { orchestrator, task } = await orchestra({
      tasks: ['one'],
      executor: shouting,
      verifier: rejecting(1),
      config: { retryOnFailure: false },
    });
    await orchestrator.run();
    expect(await task('task-001')).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { kind: 'rejected' },
    });
  });
});

describe('failures', () => {
  test('a transient one waits, is not counted, and is tried again', async () => {
    const { orchestrator, executor, runtime, event, task } = await orchestra({ tasks: ['one'] });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('transient', 'overloaded', 5000);
    expect(await event('task:retry')).toMatchObject({
      cause: 'transient',
      reason: 'overloaded',
      delayMs: 5500,
    });
    await runtime.untilSleeping((ms) => ms === 5500);
    runtime.advance(5499);
    await turns();
    expect(executor.calls).toHaveLength(1);
    runtime.advance(1);
    const second = await executor.nextCall();
    expect(second.context.attempt).toBe(1);
    second.succeed();
    expect(await run).toMatchObject({ completed: 1, attempts: 1, retried: 0 });
    expect(await task('task-001')).toMatchObject({ attempts: 1, history: [{ number: 1 }] });
  });

  test('ten minutes of transient ones end the run, and the task goes back uncounted', async () => {
    const { orchestrator, executor, runtime, task, event } = await orchestra({ tasks: ['one', 'two'] });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('transient', 'overloaded');
    await runtime.untilSleeping((ms) => ms === 500);
    runtime.advance(600_000);
    (await executor.nextCall()).fail('transient', 'still overloaded');
    expect(await run).toMatchObject({
      attempts: 0,
      stopReason: { kind: 'unavailable', message: 'still overloaded' },
    });
    expect(await event('task:release')).toMatchObject({ task: { id: 'task-001', status: 'pending' } });
    expect(await task('task-001')).toMatchObject({ status: 'pending', attempts: 0, history: [] });
    expect(executor.calls).toHaveLength(2);
  });

  test('a good answer in between means that there is no outage', async () => {
    const { orchestrator, executor, runtime } = await orchestra({
      tasks: ['one', 'two'],
      config: { concurrency: 2 },
    });
    runtime.dice = 0.3;
    const run = orchestrator.run();
    const [one, two] = [await executor.nextCall(), await executor.nextCall()];
    one.fail('transient', 'overloaded');
    await runtime.untilSleeping((ms) => ms === 300);
    two.succeed();
    await turns();
    runtime.advance(600_000);
    (await executor.nextCall()).fail('transient', 'overloaded again');
    await runtime.untilSleeping((ms) => ms === 600);
    runtime.advance(600);
    (await executor.nextCall()).succeed();
    expect(await run).toMatchObject({ completed: 2 });
  });

  test('a spend cap ends the run at once, and says when to resume', async () => {
    const { orchestrator, executor } = await orchestra({ tasks: ['one'] });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('transient', 'spend cap', 86_400_000);
    expect(await run).toMatchObject({
      stopReason: { kind: 'unavailable', resumeAt: '2026-01-02T00:00:00.000Z' },
    });
  });

  test('a run that stays waits through an outage', async () => {
    const { orchestrator, executor, runtime } = await orchestra({ tasks: ['one'], config: { stay: true } });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('transient', 'spend cap', 86_400_000);
    await runtime.untilSleeping((ms) => ms >= 86_400_000);
    runtime.advance(86_401_000);
    (await executor.nextCall()).succeed();
    await turns();
    orchestrator.stop();
    expect(await run).toMatchObject({ completed: 1 });
  });

  test('a permanent one is not retried', async () => {
    const { orchestrator, executor, task } = await orchestra({ tasks: ['one'] });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('permanent', 'too large');
    expect(await run).toMatchObject({ failed: 1, attempts: 1 });
    expect(await task('task-001')).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { kind: 'permanent', message: 'too large' },
    });
  });

  test('a fatal one stops the run, and the task goes back uncounted', async () => {
    const { orchestrator, executor, task } = await orchestra({ tasks: ['one', 'two'] });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('fatal', 'bad key');
    expect(await run).toMatchObject({
      processed: 1,
      failed: 0,
      stopReason: { kind: 'fatal', message: 'bad key' },
    });
    expect(orchestrator.state).toBe('error');
    expect(await task('task-001')).toMatchObject({ status: 'pending', attempts: 0 });
    expect(executor.calls).toHaveLength(1);
  });

  test('a wait beyond all dates has no date', async () => {
    const { orchestrator, executor } = await orchestra({ tasks: ['one'] });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('transient', 'garbage', 1e17);
    const { stopReason } = await run;
    expect(stopReason).toEqual({ kind: 'unavailable', message: 'garbage' });
  });

  test('a failed attempt shows that the service answers: there is no outage', async () => {
    const { orchestrator, executor, runtime } = await orchestra({
      tasks: ['one', 'two'],
      config: { concurrency: 2 },
    });
    runtime.dice = 0.3;
    const run = orchestrator.run();
    const [one, two] = [await executor.nextCall(), await executor.nextCall()];
    one.fail('transient', 'overloaded');
    await runtime.untilSleeping((ms) => ms === 300);
    two.fail('permanent', 'refused');
    await turns();
    runtime.advance(600_000);
    (await executor.nextCall()).fail('transient', 'overloaded again');
    await runtime.untilSleeping((ms) => ms === 600);
    runtime.advance(600);
    (await executor.nextCall()).succeed();
    expect(await run).toMatchObject({ completed: 1, failed: 1 });
  });

  test('an executor that throws, or returns nothing, failed that attempt', async () => {
    const { orchestrator, executor, task } = await orchestra({ tasks: ['one'], config: { maxAttempts: 2 } });
    const run = orchestrator.run();
    (await executor.nextCall()).throw(new Error('boom'));
    (await executor.nextCall()).finish(undefined as never);
    await run;
    expect((await task('task-001')).history.map(({ error }) => error)).toEqual([
      'the executor threw: boom',
      'the executor returned neither an output nor an error',
    ]);
  });
});

describe('a run that stays', () => {
  test('waits for work that is added later', async () => {
    const { orchestrator, executor, store } = await orchestra({ config: { stay: true } });
    const run = orchestrator.run();
    await turns();
    await store.add([{ description: 'late' }]);
    (await executor.nextCall()).succeed();
    await turns();
    orchestrator.stop();
    expect(await run).toMatchObject({ completed: 1 });
  });

  test('wakes up for a task when it is due', async () => {
    const { orchestrator, executor, runtime } = await orchestra({
      tasks: [{ description: 'later', notBefore: '2026-01-01T00:01:00.000Z' }],
      config: { stay: true },
    });
    const run = orchestrator.run();
    await runtime.untilSleeping((ms) => ms === 60_000);
    runtime.advance(60_000);
    (await executor.nextCall()).succeed();
    await turns();
    orchestrator.stop();
    expect(await run).toMatchObject({ completed: 1 });
  });
});

describe('concurrency', () => {
  test('a task that falls due while others run is started then', async () => {
    const { orchestrator, executor, runtime } = await orchestra({
      tasks: ['long', { description: 'soon', notBefore: '2026-01-01T00:00:05.000Z' }],
      config: { concurrency: 2 },
    });
    const run = orchestrator.run();
    const long = await executor.nextCall();
    await runtime.untilSleeping((ms) => ms === 5000);
    runtime.advance(5000);
    (await executor.nextCall()).succeed();
    long.succeed();
    expect(await run).toMatchObject({ completed: 2 });
  });

  test('as many tasks are in hand as there are slots, and no more', async () => {
    const { orchestrator, executor } = await orchestra({
      tasks: ['1', '2', '3', '4', '5'],
      config: { concurrency: 3 },
    });
    const run = orchestrator.run();
    const calls = [await executor.nextCall(), await executor.nextCall(), await executor.nextCall()];
    await turns();
    expect(executor.calls).toHaveLength(3);
    calls[1]?.succeed();
    const fourth = await executor.nextCall();
    expect(fourth.task.id).toBe('task-004');
    calls[0]?.succeed();
    calls[2]?.succeed();
    fourth.succeed();
    (await executor.nextCall()).succeed();
    expect(await run).toMatchObject({ completed: 5 });
    expect(executor.peak).toBe(3);
  });

  test('an idle run does not look at the store until something changes', async () => {
    const store = new MemoryTaskStore();
    let looks = 0;
    const claim = store.claim.bind(store);
    store.claim = (request) => {
      looks++;
      return claim(request);
    };
    const { orchestrator, executor } = await orchestra({ store, tasks: ['one'], config: { concurrency: 4 } });
    const run = orchestrator.run();
    const call = await executor.nextCall();
    await turns();
    const before = looks;
    await turns(200);
    expect(looks).toBe(before);
    await store.add([{ description: 'two' }]);
    (await executor.nextCall()).succeed();
    call.succeed();
    await run;
  });

  test('the next claim goes to the store together with the settlement', async () => {
    const store = new MemoryTaskStore();
    const log: string[] = [];
    const written = Promise.withResolvers<void>();
    const [claim, settle] = [store.claim.bind(store), store.settle.bind(store)];
    store.claim = (request) => {
      log.push('claim');
      return claim(request);
    };
    store.settle = async (lease, settlement) => {
      log.push('settle');
      const task = await settle(lease, settlement);
      await written.promise;
      return task;
    };
    const { orchestrator, executor } = await orchestra({ store, tasks: ['one', 'two'] });
    const run = orchestrator.run();
    (await executor.nextCall()).succeed();
    const second = await executor.nextCall();
    expect(log).toEqual(['claim', 'settle', 'claim']);
    expect(orchestrator.stats.completed).toBe(0);
    written.resolve();
    second.succeed();
    expect(await run).toMatchObject({ completed: 2 });
  });

  test('a slot rests after each task as long as it is told to', async () => {
    const { orchestrator, executor, runtime } = await orchestra({
      tasks: ['one', 'two'],
      config: { pauseBetweenTasks: 3000 },
    });
    const run = orchestrator.run();
    (await executor.nextCall()).succeed();
    await runtime.untilSleeping((ms) => ms === 3000);
    await turns();
    expect(executor.calls).toHaveLength(1);
    runtime.advance(3000);
    // After the last one there is nothing to rest for.
    (await executor.nextCall()).succeed();
    await run;
    expect(runtime.slept.filter((ms) => ms === 3000)).toHaveLength(1);
  });
});

describe('pause, resume and stop', () => {
  test('pause lets what runs finish and claims nothing until resume', async () => {
    const { orchestrator, executor, names } = await orchestra({ tasks: ['one', 'two'] });
    const run = orchestrator.run();
    const first = await executor.nextCall();
    orchestrator.pause();
    expect(orchestrator.state).toBe('paused');
    first.succeed();
    await turns();
    expect(executor.calls).toHaveLength(1);
    expect(orchestrator.stats).toMatchObject({ completed: 1 });
    orchestrator.resume();
    expect(orchestrator.state).toBe('running');
    (await executor.nextCall()).succeed();
    expect(await run).toMatchObject({ completed: 2 });
    expect(names().filter((name) => name.startsWith('run:'))).toEqual([
      'run:start',
      'run:pause',
      'run:resume',
      'run:end',
    ]);
  });

  test('a claim that was under way when the run was paused goes back', async () => {
    const store = new MemoryTaskStore();
    const claim = store.claim.bind(store);
    const box: { pause?: () => void } = {};
    store.claim = async (request) => {
      const answer = await claim(request);
      box.pause?.();
      return answer;
    };
    const { orchestrator, executor, task } = await orchestra({ store, tasks: ['one'] });
    box.pause = () => orchestrator.pause();
    const run = orchestrator.run();
    await turns();
    expect(executor.calls).toHaveLength(0);
    expect(await task('task-001')).toMatchObject({ status: 'pending', attempts: 0 });
    delete box.pause;
    orchestrator.resume();
    (await executor.nextCall()).succeed();
    expect(await run).toMatchObject({ completed: 1 });
  });

  test('a paused run can be stopped', async () => {
    const { orchestrator, executor } = await orchestra({ tasks: ['one', 'two'] });
    const run = orchestrator.run();
    const first = await executor.nextCall();
    orchestrator.pause();
    first.succeed();
    await turns();
    orchestrator.stop();
    expect(await run).toMatchObject({ completed: 1, stopReason: { kind: 'stopped' } });
    expect(orchestrator.state).toBe('stopped');
  });

  test('stop lets what runs finish, verification and all', async () => {
    const { orchestrator, executor, task } = await orchestra({
      tasks: ['one', 'two', 'three'],
      config: { concurrency: 2 },
      verifier: lenient,
    });
    const run = orchestrator.run();
    const calls = [await executor.nextCall(), await executor.nextCall()];
    orchestrator.stop();
    for (const call of calls) call.succeed();
    expect(await run).toMatchObject({ completed: 2 });
    expect(await task('task-003')).toMatchObject({ status: 'pending' });
  });

  test('stop ends a wait at once, and the task goes back uncounted', async () => {
    const { orchestrator, executor, runtime, task } = await orchestra({ tasks: ['one'] });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('transient', 'overloaded', 60_000);
    await runtime.untilSleeping((ms) => ms >= 60_000);
    orchestrator.stop();
    await run;
    expect(await task('task-001')).toMatchObject({ status: 'pending', attempts: 0 });
  });

  test('abort ends what runs, and it goes back uncounted', async () => {
    const { orchestrator, executor, task, names } = await orchestra({ tasks: ['one', 'two'] });
    const run = orchestrator.run();
    const call = await executor.nextCall();
    orchestrator.stop('drain');
    expect(call.context.signal.aborted).toBe(false);
    orchestrator.stop('abort');
    expect(call.context.signal.aborted).toBe(true);
    call.fail('failed', 'aborted');
    await run;
    expect(await task('task-001')).toMatchObject({ status: 'pending', attempts: 0, history: [] });
    expect(names()).toContain('task:release');
    expect(executor.calls).toHaveLength(1);
  });

  test('a task that is cancelled while a claim of it is given back does not break the run', async () => {
    const store = new MemoryTaskStore();
    const claim = store.claim.bind(store);
    const box: { stop?: () => void } = {};
    store.claim = async (request) => {
      const answer = await claim(request);
      box.stop?.();
      await store.cancel(['task-001']);
      return answer;
    };
    const { orchestrator, executor } = await orchestra({ store, tasks: ['one'] });
    box.stop = () => orchestrator.stop();
    expect(await orchestrator.run()).toMatchObject({ processed: 0, stopReason: { kind: 'stopped' } });
    expect(executor.calls).toHaveLength(0);
  });

  test('an answer that arrives in spite of the abort is kept, and only verified next time', async () => {
    const { orchestrator, executor, task, event } = await orchestra({ tasks: ['one'], verifier: lenient });
    const run = orchestrator.run();
    const call = await executor.nextCall();
    orchestrator.stop('abort');
    call.succeed('paid for');
    await run;
    expect(await task('task-001')).toMatchObject({
      status: 'pending',
      attempts: 0,
      history: [{ output: 'paid for' }],
    });
    await event('task:start');
    await orchestrator.run();
    expect(await event('task:start')).toMatchObject({ resumed: true });
    expect(await task('task-001')).toMatchObject({ status: 'completed', result: 'paid for', attempts: 1 });
    expect(executor.calls).toHaveLength(1);
  });

  test('an executor that does not heed the abort cannot hang the run', async () => {
    const { orchestrator, executor, runtime, task } = await orchestra({ tasks: ['one'] });
    const run = orchestrator.run();
    await executor.nextCall();
    orchestrator.stop('abort');
    await runtime.untilSleeping(
      (ms) => ms === 10_000 && runtime.slept.filter((slept) => slept === 10_000).length === 2,
    );
    runtime.advance(10_000);
    await run;
    expect(await task('task-001')).toMatchObject({ status: 'pending', attempts: 0 });
  });
});

describe('what bounds a run', () => {
  test('failures in a row are tasks that ended failed, not attempts', async () => {
    const { orchestrator, names } = await orchestra({
      tasks: ['1', '2', '3', '4', '5'],
      executor: answering((_, { attempt }) => ({ success: true, output: `${attempt}` })),
      verifier: rejecting(99),
      safety: new CircuitBreaker({ maxConsecutiveFailures: 3 }),
    });
    const stats = await orchestrator.run();
    expect(stats).toMatchObject({ failed: 3, attempts: 9, stopReason: { kind: 'safety' } });
    expect(names()).toContain('safety:trip');
  });

  test('after a failure the safety check has its say before the next task is claimed', async () => {
    const store = new MemoryTaskStore();
    const settle = store.settle.bind(store);
    const written = Promise.withResolvers<void>();
    store.settle = async (lease, settlement) => {
      const task = await settle(lease, settlement);
      if (settlement.status === 'failed') await written.promise;
      return task;
    };
    const { orchestrator, executor } = await orchestra({
      store,
      tasks: ['one', 'two'],
      safety: new CircuitBreaker({ maxConsecutiveFailures: 1 }),
    });
    const run = orchestrator.run();
    (await executor.nextCall()).fail('permanent');
    await turns();
    expect(executor.calls).toHaveLength(1);
    written.resolve();
    expect(await run).toMatchObject({ failed: 1, stopReason: { kind: 'safety' } });
    expect(executor.calls).toHaveLength(1);
  });

  test('the safety check is asked again after a claim that took long', async () => {
    const clock = new ManualRuntime();
    const store = new MemoryTaskStore({ clock: clock.clock });
    const claim = store.claim.bind(store);
    store.claim = (request) => {
      clock.advance(30_000);
      return claim(request);
    };
    const { orchestrator, executor } = await orchestra({
      store,
      runtime: clock,
      tasks: ['one'],
      safety: new DurationLimit({ maxDurationMs: 30_000, clock: clock.clock }),
    });
    expect(await orchestrator.run()).toMatchObject({ processed: 0, stopReason: { kind: 'safety' } });
    expect(executor.calls).toHaveLength(0);
  });

  test('a run that stays is stopped by its safety check, though nothing is left to do', async () => {
    const { orchestrator, names } = await orchestra({
      tasks: ['one'],
      executor: shouting,
      config: { stay: true },
      safety: new CircuitBreaker({ maxIterations: 1 }),
    });
    expect(await orchestrator.run()).toMatchObject({ completed: 1, stopReason: { kind: 'safety' } });
    expect(names()).toContain('safety:trip');
  });

  test('a run that stays ends at its limit all the same', async () => {
    const { orchestrator } = await orchestra({
      tasks: ['1', '2'],
      executor: shouting,
      config: { stay: true, limit: 1 },
    });
    expect(await orchestrator.run()).toMatchObject({ completed: 1, stopReason: { kind: 'limit' } });
  });

  test('a limit that is reached does not wait for what other runs hold', async () => {
    const store = new MemoryTaskStore();
    await store.add([{ description: 'theirs' }]);
    await store.join({ id: 'other', pid: 1, host: 'h', startedAt: '2026-01-01T00:00:00.000Z' });
    await store.claim({ run: 'other', leaseMs: 1e9 });
    const { orchestrator } = await orchestra({
      store,
      tasks: ['mine'],
      executor: shouting,
      config: { limit: 1 },
    });
    expect(await orchestrator.run()).toMatchObject({ completed: 1 });
  });

  test('no more attempts begin than there are iterations, at any concurrency', async () => {
    const { orchestrator, executor } = await orchestra({
      tasks: ['1', '2', '3', '4', '5', '6'],
      config: { concurrency: 4 },
      safety: new CircuitBreaker({ maxIterations: 3 }),
    });
    const run = orchestrator.run();
    for (let i = 0; i < 3; i++) (await executor.nextCall()).succeed();
    expect(await run).toMatchObject({ completed: 3, stopReason: { kind: 'safety' } });
    expect(executor.calls).toHaveLength(3);
  });

  test('a check that trips when nothing is left to do has stopped nothing', async () => {
    const { orchestrator } = await orchestra({
      tasks: ['1', '2'],
      executor: shouting,
      safety: new CircuitBreaker({ maxIterations: 2 }),
    });
    expect(await orchestrator.run()).not.toHaveProperty('stopReason');
  });

  test('what is not due yet is no work that is left', async () => {
    const { orchestrator } = await orchestra({
      tasks: ['now', { description: 'later', notBefore: '2026-01-02T00:00:00.000Z' }],
      executor: shouting,
      safety: new CircuitBreaker({ maxIterations: 1 }),
    });
    expect(await orchestrator.run()).not.toHaveProperty('stopReason');
  });

  test('a limit that is just enough has stopped nothing', async () => {
    const { orchestrator } = await orchestra({ tasks: ['1', '2'], executor: shouting, config: { limit: 2 } });
    expect(await orchestrator.run()).not.toHaveProperty('stopReason');
  });

  test('of several reasons to stop the gravest is given', async () => {
    const { orchestrator, executor } = await orchestra({
      tasks: ['1', '2', '3'],
      config: { concurrency: 2 },
    });
    const run = orchestrator.run();
    const [one, two] = [await executor.nextCall(), await executor.nextCall()];
    one.fail('transient', 'spend cap', 86_400_000);
    await turns();
    two.fail('fatal', 'bad key');
    expect(await run).toMatchObject({ stopReason: { kind: 'fatal', message: 'bad key' } });
    expect(orchestrator.state).toBe('error');
  });

  test('a safety check with the four methods of the lab is enough', async () => {
    let left = 1;
    const safety = {
      allowContinue: () => left > 0,
      recordSuccess: () => left--,
      recordFailure: () => left--,
      get stopReason() {
        return left > 0 ? undefined : 'enough';
      },
    };
    const { orchestrator } = await orchestra({ tasks: ['1', '2'], executor: shouting, safety });
    expect(await orchestrator.run()).toMatchObject({
      completed: 1,
      stopReason: { kind: 'safety', message: 'enough' },
    });
  });

  test('a limit on time ends waits too', async () => {
    const runtimeBox: { now?: () => number } = {};
    let tripped = false;
    const safety = {
      deadline: Date.UTC(2026, 0, 1) + 30_000,
      allowContinue: () => {
        tripped ||= (runtimeBox.now?.() ?? 0) >= safety.deadline;
        return !tripped;
      },
      recordAttempt: () => {},
      recordSuccess: () => {},
      recordFailure: () => {},
      get stopReason() {
        return tripped ? 'time is up' : undefined;
      },
    };
    const { orchestrator, executor, runtime, task } = await orchestra({ tasks: ['one'], safety });
    runtimeBox.now = runtime.clock.now;
    const run = orchestrator.run();
    (await executor.nextCall()).fail('transient', 'overloaded', 300_000);
    await runtime.untilSleeping((ms) => ms >= 300_000);
    runtime.advance(30_000);
    expect(await run).toMatchObject({ stopReason: { kind: 'safety', message: 'time is up' } });
    expect(await task('task-001')).toMatchObject({ status: 'pending', attempts: 0 });
  });

  test('a limit on time says so when it is reached, while what runs may finish', async () => {
    const clock = new ManualRuntime();
    const { orchestrator, executor, event } = await orchestra({
      runtime: clock,
      tasks: ['one', 'two'],
      safety: new DurationLimit({ maxDurationMs: 30_000, clock: clock.clock }),
    });
    const run = orchestrator.run();
    const call = await executor.nextCall();
    clock.advance(30_000);
    expect(await event('safety:trip')).toMatchObject({ reason: expect.stringContaining('limit 30s') });
    expect(call.context.signal.aborted).toBe(false);
    call.succeed();
    expect(await run).toMatchObject({ completed: 1, stopReason: { kind: 'safety' } });
  });

  test('a limit on tasks counts tasks, not their retries, and is a normal end', async () => {
    const { orchestrator } = await orchestra({
      tasks: ['1', '2', '3'],
      executor: answering((task, { attempt }) => ({ success: true, output: `${task.id} ${attempt}` })),
      verifier: rejecting(1),
      config: { limit: 2, concurrency: 2 },
    });
    expect(await orchestrator.run()).toMatchObject({
      completed: 2,
      attempts: 4,
      stopReason: { kind: 'limit' },
    });
  });

  test('a run of chosen tasks leaves the others alone', async () => {
    const { orchestrator, task } = await orchestra({
      tasks: ['1', '2'],
      executor: shouting,
      config: { only: new Set(['task-002']) },
    });
    expect(await orchestrator.run()).toMatchObject({ completed: 1 });
    expect((await task('task-001')).status).toBe('pending');
  });
});
