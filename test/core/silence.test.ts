import { expect, test } from 'vitest';
import type { Verification } from '../../src/model/result.ts';
import type { Verifier } from '../../src/ports/verifier.ts';
import type { FakeCall } from '../support/fake-executor.ts';
import { turns } from '../support/manual-runtime.ts';
import { type Orchestra, type OrchestraOptions, orchestra } from '../support/orchestra.ts';

const MINUTE = 60_000;

/** A call that ends at its deadline; `silentMs`: how long nothing of an answer had come. */
function late(call: FakeCall, silentMs: number): void {
  call.finish({ success: false, error: { kind: 'failed', message: 'too late', silentMs } });
}

async function started(options: OrchestraOptions) {
  const all = await orchestra(options);
  all.runtime.dice = 0.3;
  return { ...all, run: all.orchestrator.run() };
}

const outage = { kind: 'unavailable', message: 'too late' };

test('calls that all stay without an answer for ten minutes end the run, and their tasks go back uncounted', async () => {
  const tasks = ['one', 'two', 'three'];
  const { executor, runtime, run, store } = await started({ tasks, config: { concurrency: 3 } });
  const calls = [await executor.nextCall(), await executor.nextCall(), await executor.nextCall()];
  runtime.advance(10 * MINUTE);
  for (const call of calls) late(call, 10 * MINUTE);
  expect(await run).toMatchObject({ attempts: 0, failed: 0, stopReason: outage });
  const left = await Promise.all(['task-001', 'task-002', 'task-003'].map((id) => store.get(id)));
  for (const task of left) expect(task).toMatchObject({ status: 'pending', attempts: 0, history: [] });
  expect(executor.calls).toHaveLength(3);
});

test('the time begins with the start of the first such call; until it is over, each counts as an attempt', async () => {
  const { executor, runtime, run, task } = await started({ tasks: ['one'], config: { maxAttempts: 9 } });
  for (let attempt = 1; attempt <= 4; attempt++) {
    const call = await executor.nextCall();
    expect(call.context.attempt).toBe(Math.min(attempt, 4));
    runtime.advance(3 * MINUTE);
    late(call, 3 * MINUTE);
  }
  expect(await run).toMatchObject({ attempts: 3, stopReason: outage });
  expect(await task('task-001')).toMatchObject({ status: 'pending', attempts: 3 });
});

test('a slow task is one that gets no answer while others do: its attempts count', async () => {
  const { executor, runtime, run, task } = await started({
    tasks: ['slow', 'quick'],
    config: { concurrency: 2, maxAttempts: 1 },
  });
  const [slow, quick] = [await executor.nextCall(), await executor.nextCall()];
  runtime.advance(MINUTE);
  quick.succeed();
  await turns();
  runtime.advance(9 * MINUTE);
  late(slow, 10 * MINUTE);
  expect(await run).toMatchObject({ completed: 1, failed: 1, attempts: 2 });
  expect(await task('task-001')).toMatchObject({ error: { kind: 'failed', message: 'too late' } });
});

test.each([
  ['nothing came until', MINUTE],
  ['an answer had begun at', 0],
])('a deadline does not end an outage: %s it', async (_, silentMs) => {
  const { executor, runtime, run, task } = await started({
    tasks: ['one', 'two'],
    config: { concurrency: 2, maxAttempts: 1 },
  });
  const [one, two] = [await executor.nextCall(), await executor.nextCall()];
  one.fail('transient', 'overloaded');
  await runtime.untilSleeping((ms) => ms === 300);
  late(two, silentMs);
  await turns();
  runtime.advance(10 * MINUTE);
  (await executor.nextCall()).fail('transient', 'still overloaded');
  expect(await run).toMatchObject({ stopReason: { kind: 'unavailable', message: 'still overloaded' } });
  expect(await task('task-002')).toMatchObject({ status: 'failed', attempts: 1 });
});

test('answers that began and did not come to their end by the deadline are no outage', async () => {
  const { executor, runtime, run } = await started({ tasks: ['one'], config: { maxAttempts: 3 } });
  for (let attempt = 1; attempt <= 3; attempt++) {
    const call = await executor.nextCall();
    runtime.advance(10 * MINUTE);
    late(call, 0);
  }
  expect(await run).toMatchObject({ failed: 1, attempts: 3 });
});

test('a run that stays waits through the silence, and does not count it', async () => {
  const { executor, runtime, run, orchestrator } = await started({
    tasks: ['one'],
    config: { stay: true, maxAttempts: 1 },
  });
  const call = await executor.nextCall();
  runtime.advance(10 * MINUTE);
  late(call, 10 * MINUTE);
  await runtime.untilSleeping((ms) => ms === 300);
  runtime.advance(300);
  (await executor.nextCall()).succeed();
  await turns();
  orchestrator.stop();
  expect(await run).toMatchObject({ completed: 1, attempts: 1 });
});

/** A verifier whose calls last until the test ends them. */
function drivenVerifier() {
  const calls: ((answer: Verification) => void)[] = [];
  const verifier: Verifier = { verify: () => new Promise((resolve) => calls.push(resolve)) };
  const call = async (number: number): Promise<(answer: Verification) => void> => {
    while (calls.length < number) await turns(1);
    return calls[number - 1]!;
  };
  return { verifier, call };
}

const pass: Verification = { passed: true, confidence: 1, feedback: '', issues: [] };
const silent: Verification = { inconclusive: true, reason: 'too late', silentMs: 2 * MINUTE };

/** Ends the verification with two minutes of silence, `leftMs` from now, and the pause that follows it. */
async function stayedSilent(
  { runtime }: Orchestra,
  answer: (a: Verification) => void,
  pauseMs: number,
  leftMs = 2 * MINUTE,
) {
  runtime.advance(leftMs);
  answer(silent);
  await runtime.untilSleeping((ms) => ms === pauseMs);
  runtime.advance(pauseMs);
}

test('a judge that stays silent is asked again, more than three times, and ends the run after ten minutes; the output is kept', async () => {
  const { verifier, call } = drivenVerifier();
  const all = await started({ tasks: ['one'], verifier });
  (await all.executor.nextCall()).succeed('out');
  for (const [index, pauseMs] of [300, 600, 1_200, 2_400].entries())
    await stayedSilent(all, await call(index + 1), pauseMs);
  const last = await call(5);
  all.runtime.advance(2 * MINUTE);
  last(silent);
  expect(await all.run).toMatchObject({ failed: 0, attempts: 0, stopReason: outage });
  expect(await all.task('task-001')).toMatchObject({
    status: 'pending',
    attempts: 0,
    history: [{ output: 'out' }],
  });
  expect(all.executor.calls).toHaveLength(1);
});

test('a verdict after a silence counts, and nothing was executed again', async () => {
  const { verifier, call } = drivenVerifier();
  const all = await started({ tasks: ['one'], verifier });
  (await all.executor.nextCall()).succeed('out');
  for (const [index, pauseMs] of [300, 600, 1_200, 2_400].entries())
    await stayedSilent(all, await call(index + 1), pauseMs);
  (await call(5))(pass);
  expect(await all.run).toMatchObject({ completed: 1, attempts: 1 });
  expect(all.executor.calls).toHaveLength(1);
});

test('a judge that is silent about one task, and answers about others, could not tell of that one', async () => {
  const { verifier: slow, call } = drivenVerifier();
  const verifier: Verifier = {
    verify: async (task, ...rest) => (task.id === 'task-001' ? slow.verify(task, ...rest) : pass),
  };
  const tasks = ['slow', 'a', 'b', 'c'];
  const all = await started({ tasks, verifier, config: { concurrency: 2 } });
  (await all.executor.nextCall()).succeed('out');
  for (const [index, pauseMs] of [300, 600].entries()) {
    const answer = await call(index + 1);
    all.runtime.advance(MINUTE);
    (await all.executor.nextCall()).succeed();
    await turns();
    await stayedSilent(all, answer, pauseMs, MINUTE);
  }
  const answer = await call(3);
  (await all.executor.nextCall()).succeed();
  await turns();
  all.runtime.advance(MINUTE);
  answer(silent);
  expect(await all.run).toMatchObject({ completed: 3, failed: 1 });
  expect(await all.task('task-001')).toMatchObject({ error: { kind: 'unverifiable', message: 'too late' } });
});

test('a check that rejects other results does not show that the judge answers', async () => {
  const { verifier: judge, call } = drivenVerifier();
  const rejected: Verification = { passed: false, confidence: 1, feedback: 'no', issues: [], isCheck: true };
  const verifier: Verifier = {
    verify: async (task, ...rest) => (task.id === 'task-001' ? judge.verify(task, ...rest) : rejected),
  };
  const tasks = ['judged', 'a', 'b', 'c', 'd', 'e'];
  const config = { concurrency: 2, maxAttempts: 1 };
  const all = await started({ tasks, verifier, config });
  (await all.executor.nextCall()).succeed('out');
  for (const [index, pauseMs] of [300, 600, 1_200, 2_400].entries()) {
    const answer = await call(index + 1);
    all.runtime.advance(MINUTE);
    (await all.executor.nextCall()).succeed();
    await turns();
    await stayedSilent(all, answer, pauseMs, MINUTE);
  }
  const last = await call(5);
  all.runtime.advance(MINUTE);
  (await all.executor.nextCall()).succeed();
  await turns();
  all.runtime.advance(MINUTE);
  last(silent);
  expect(await all.run).toMatchObject({ failed: 5, stopReason: outage });
  expect(await all.task('task-001')).toMatchObject({ status: 'pending', attempts: 0 });
  const [attempt] = (await all.task('task-002')).history;
  expect(attempt?.verdict).not.toHaveProperty('isCheck');
});

test('a check that says "try later" for ten minutes is an outage of its own', async () => {
  const later: Verification = { error: { kind: 'transient', message: 'try later' }, isCheck: true };
  const answers: Verification[] = [later, pass, later];
  const verifier: Verifier = { verify: async () => answers.shift() ?? pass };
  const all = await started({ tasks: ['one', 'two'], verifier, config: { concurrency: 2 } });
  const [one, two] = [await all.executor.nextCall(), await all.executor.nextCall()];
  one.succeed();
  await all.runtime.untilSleeping((ms) => ms === 300);
  two.succeed();
  await turns();
  all.runtime.advance(10 * MINUTE);
  expect(await all.run).toMatchObject({ stopReason: { kind: 'unavailable', message: 'try later' } });
});
