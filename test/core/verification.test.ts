import { expect, test } from 'vitest';
import type { Verification } from '../../src/model/result.ts';
import type { Verifier } from '../../src/ports/verifier.ts';
import { turns } from '../support/manual-runtime.ts';
import { orchestra } from '../support/orchestra.ts';

const pass: Verification = { passed: true, confidence: 1, feedback: '', issues: [] };
const unclear: Verification = { inconclusive: true, reason: 'no verdict' };

/** Gives these answers, one a call; an Error is thrown. */
function scripted(answers: Array<Verification | Error>): Verifier & { calls: number } {
  const verifier = {
    calls: 0,
    verify: async () => {
      const answer = answers[verifier.calls++];
      if (answer instanceof Error) throw answer;
      return answer as Verification;
    },
  };
  return verifier;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1);
}

test('a verifier that could not tell is asked again, without a second execution', async () => {
  const verifier = scripted([unclear, unclear, pass]);
  const { orchestrator, executor, runtime, event, task } = await orchestra({ tasks: ['one'], verifier });
  runtime.dice = 0.3;
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('out');
  expect(await event('task:retry')).toMatchObject({ cause: 'inconclusive', reason: 'no verdict' });
  await runtime.untilSleeping((ms) => ms === 300);
  runtime.advance(300);
  await runtime.untilSleeping((ms) => ms === 600);
  runtime.advance(600);
  expect(await run).toMatchObject({ completed: 1, attempts: 1 });
  expect(executor.calls).toHaveLength(1);
  expect(await task('task-001')).toMatchObject({ status: 'completed', attempts: 1 });
});

test('what a verifier says of itself is kept with the attempt that it judged, passed or not', async () => {
  const named = (passed: boolean, model: string): Verification => ({ ...pass, passed, metadata: { model } });
  const verifier = scripted([named(false, 'm1'), named(true, 'm2')]);
  const { orchestrator, executor, task } = await orchestra({ tasks: ['one'], verifier });
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('a');
  (await executor.nextCall()).succeed('b');
  await run;
  const { history } = await task('task-001');
  expect(history.map(({ judge }) => judge)).toEqual([{ model: 'm1' }, { model: 'm2' }]);
  for (const { verdict } of history) expect(verdict).not.toHaveProperty('metadata');
});

test('what each verifier said is kept with the attempt: passed, rejected or left open', async () => {
  const evidence = [{ verifier: 'check', passed: true, confidence: 1, feedback: '', issues: [] }];
  const error = { kind: 'permanent', message: 'never' } as const;
  const answers: Verification[] = [
    { ...pass, passed: false, evidence },
    { ...pass, evidence },
    { error, evidence },
  ];
  const verifier = scripted(answers);
  const { orchestrator, executor, task } = await orchestra({ tasks: ['one', 'two'], verifier });
  const run = orchestrator.run();
  for (const output of ['a', 'b', 'c']) (await executor.nextCall()).succeed(output);
  await run;
  const { history } = await task('task-001');
  for (const attempt of [...history, ...(await task('task-002')).history])
    expect(attempt).toMatchObject({ evidence });
  for (const { verdict } of history) expect(verdict).not.toHaveProperty('evidence');
});

test.each([
  ['could not tell', unclear, 'no verdict'],
  ['failed by itself', { error: { kind: 'failed', message: 'broke' } } as Verification, 'broke'],
  ['threw', new Error('boom'), 'the verifier threw: boom'],
  ['gave no verdict', {} as Verification, 'the verifier returned no verdict'],
  ['is surer than sure', { ...pass, confidence: 7 } as Verification, 'the verifier returned no verdict'],
])(
  'the third time that a verifier %s, the task is unverifiable and its result kept',
  async (_, answer, message) => {
    const verifier = scripted([answer, answer, answer, pass]);
    const { orchestrator, executor, runtime, task } = await orchestra({ tasks: ['one'], verifier });
    runtime.dice = 0.3;
    const run = orchestrator.run();
    (await executor.nextCall()).succeed('out');
    await runtime.untilSleeping((ms) => ms === 300);
    runtime.advance(300);
    await runtime.untilSleeping((ms) => ms === 600);
    runtime.advance(600);
    expect(await run).toMatchObject({ failed: 1, attempts: 0 });
    expect(verifier.calls).toBe(3);
    expect(await task('task-001')).toMatchObject({
      status: 'failed',
      attempts: 0,
      error: { kind: 'unverifiable', message },
      history: [{ outcome: 'unverifiable', output: 'out' }],
    });
  },
);

test.each<[string, Verification]>([
  ['could not tell', { ...unclear, metadata: { model: 'm' } }],
  ['failed by itself', { error: { kind: 'failed', message: 'broke' }, metadata: { model: 'm' } }],
])('who %s three times is kept with the attempt that is unverifiable', async (_, answer) => {
  const { orchestrator, executor, runtime, task } = await orchestra({
    tasks: ['one'],
    verifier: scripted([answer, answer, answer]),
  });
  runtime.dice = 0.3;
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('out');
  for (const wait of [300, 600]) {
    await runtime.untilSleeping((ms) => ms === wait);
    runtime.advance(wait);
  }
  await run;
  const { history } = await task('task-001');
  expect(history).toMatchObject([{ outcome: 'unverifiable', judge: { model: 'm' } }]);
});

test('without one good answer of the verifier for ten minutes the run ends, and the output stays as a checkpoint', async () => {
  const busy: Verification = { error: { kind: 'transient', message: 'overloaded' } };
  const verifier: Verifier = { verify: async () => busy };
  const { orchestrator, executor, runtime, task } = await orchestra({ tasks: ['one'], verifier });
  runtime.dice = 0.3;
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('paid for');
  await runtime.untilSleeping((ms) => ms === 300);
  runtime.advance(599_999);
  await runtime.untilSleeping((ms) => ms === 600);
  runtime.advance(1);
  runtime.advance(599);
  expect(await run).toMatchObject({ stopReason: { kind: 'unavailable', message: 'overloaded' } });
  expect(await task('task-001')).toMatchObject({
    status: 'pending',
    attempts: 0,
    history: [{ output: 'paid for' }],
  });
});

test('a verifier refused by a limit waits, and has not used up one of its three', async () => {
  const busy: Verification = { error: { kind: 'transient', message: 'busy', retryAfterMs: 9000 } };
  const verifier = scripted([busy, busy, busy, busy, pass]);
  const { orchestrator, executor, runtime } = await orchestra({ tasks: ['one'], verifier });
  runtime.dice = 0.1;
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('out');
  for (let i = 0; i < 4; i++) {
    await runtime.untilSleeping((ms) => ms >= 9000 && ms !== 10_000);
    runtime.advance(20_000);
  }
  expect(await run).toMatchObject({ completed: 1, attempts: 1 });
  expect(runtime.slept.filter((ms) => ms > 1000 && ms !== 10_000)).toEqual([9100, 9200, 9400, 9800]);
});

test('waiting for a limit uses up none of the three times that a verifier may not know', async () => {
  const busy: Verification = { error: { kind: 'transient', message: 'busy', retryAfterMs: 9000 } };
  const verifier = scripted([unclear, busy, busy, unclear, pass]);
  const { orchestrator, executor, runtime } = await orchestra({ tasks: ['one'], verifier });
  runtime.dice = 0.3;
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('out');
  for (const wait of [300, 9300, 9600, 600]) {
    await runtime.untilSleeping((ms) => ms === wait);
    runtime.advance(wait);
  }
  expect(await run).toMatchObject({ completed: 1 });
});

test('a verdict in between means that the verifier has no outage', async () => {
  const busy: Verification = { error: { kind: 'transient', message: 'busy' } };
  const verifier = scripted([busy, pass, busy, pass]);
  const { orchestrator, executor, runtime } = await orchestra({
    tasks: ['one', 'two'],
    config: { concurrency: 2 },
    verifier,
  });
  runtime.dice = 0.3;
  const run = orchestrator.run();
  const [one, two] = [await executor.nextCall(), await executor.nextCall()];
  one.succeed();
  await runtime.untilSleeping((ms) => ms === 300);
  two.succeed();
  await turns();
  runtime.advance(600_000);
  await runtime.untilSleeping((ms) => ms === 600);
  runtime.advance(600);
  expect(await run).toMatchObject({ completed: 2 });
});

test('a verdict that arrives in spite of the abort counts', async () => {
  const gate = Promise.withResolvers<Verification>();
  let asked = false;
  const verifier: Verifier = {
    verify: () => {
      asked = true;
      return gate.promise;
    },
  };
  const { orchestrator, executor } = await orchestra({ tasks: ['one'], verifier });
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('out');
  await until(() => asked);
  orchestrator.stop('abort');
  gate.resolve(pass);
  expect(await run).toMatchObject({ completed: 1 });
});

test('a verifier that can never judge this result makes it unverifiable at once', async () => {
  const error = { kind: 'permanent', message: 'too large to judge' } as const;
  const verifier = scripted([{ error, metadata: { model: 'm' } }]);
  const { orchestrator, executor, task } = await orchestra({ tasks: ['one'], verifier });
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('out');
  await run;
  expect(await task('task-001')).toMatchObject({
    error: { kind: 'unverifiable', message: 'too large to judge' },
    history: [{ judge: { model: 'm' } }],
  });
});

test('a fatal verifier stops the run and the output stays as a checkpoint', async () => {
  const verifier = scripted([{ error: { kind: 'fatal', message: 'unknown model' } }]);
  const { orchestrator, executor, task, event } = await orchestra({ tasks: ['one', 'two'], verifier });
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('paid for');
  expect(await run).toMatchObject({ stopReason: { kind: 'fatal', message: 'unknown model' } });
  expect(await event('task:release')).toMatchObject({ reason: 'unknown model' });
  expect(await task('task-001')).toMatchObject({
    status: 'pending',
    attempts: 0,
    history: [{ output: 'paid for' }],
  });
});

test('the output is in the store before the verifier sees it', async () => {
  const gate = Promise.withResolvers<Verification>();
  let asked = false;
  const verifier: Verifier = {
    verify: () => {
      asked = true;
      return gate.promise;
    },
  };
  const { orchestrator, executor, task } = await orchestra({ tasks: ['one'], verifier });
  const run = orchestrator.run();
  (await executor.nextCall()).finish({
    success: true,
    output: 'out',
    usage: { inputTokens: 1, outputTokens: 2 },
  });
  await until(() => asked);
  expect(await task('task-001')).toMatchObject({
    status: 'in_progress',
    history: [{ output: 'out', usage: { inputTokens: 1, outputTokens: 2 } }],
  });
  gate.resolve({ ...pass, usage: { inputTokens: 10, outputTokens: 20 } });
  expect(await run).toMatchObject({ usage: { inputTokens: 11, outputTokens: 22 } });
  expect(await task('task-001')).toMatchObject({ usage: { inputTokens: 11, outputTokens: 22 } });
});

test('a resumed verification adds its own cost alone to the statistics, and all to the task', async () => {
  const usage = { inputTokens: 1, outputTokens: 1, costUsd: 0.25 };
  const verifier = scripted([
    { error: { kind: 'fatal', message: 'x' }, usage },
    { ...pass, usage } as Verification,
  ]);
  const { orchestrator, executor, task } = await orchestra({ tasks: ['one'], verifier });
  const run = orchestrator.run();
  (await executor.nextCall()).finish({ success: true, output: 'out', usage });
  expect(await run).toMatchObject({ costUsd: 0.5 });
  expect(await orchestrator.run()).toMatchObject({ costUsd: 0.25, attempts: 1 });
  expect(await task('task-001')).toMatchObject({ usage: { costUsd: 0.75 } });
});

test('a verifier that cannot say whether it applies has not passed anything', async () => {
  const verifier: Verifier = {
    applies: () => {
      throw new Error('no idea');
    },
    verify: async () => ({ error: { kind: 'permanent', message: 'broken' } }),
  };
  const { orchestrator, executor, task } = await orchestra({ tasks: ['one'], verifier });
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('out');
  await run;
  expect(await task('task-001')).toMatchObject({
    error: { kind: 'unverifiable' },
    history: [{ output: 'out' }],
  });
});

test('no hook knows of an output before it is in the store', async () => {
  const kept: Array<string | undefined> = [];
  const { orchestrator, executor, events, store, event } = await orchestra({
    tasks: ['one'],
    verifier: scripted([pass]),
  });
  const run = orchestrator.run();
  (await executor.nextCall()).succeed('out');
  await event('task:execute');
  kept.push((await store.get('task-001'))?.history[0]?.output ?? (await store.get('task-001'))?.result);
  await run;
  expect(kept).toEqual(['out']);
  expect(events.map((each) => each.event)).toEqual([
    'run:start',
    'task:start',
    'task:execute',
    'task:verify',
    'task:complete',
    'run:end',
  ]);
});
