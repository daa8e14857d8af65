import { expect, test } from 'vitest';
import { callExecutor } from '../../src/core/calls.ts';
import type { ExecutionResult } from '../../src/model/result.ts';
import { ManualRuntime, turns } from '../support/manual-runtime.ts';

const done: ExecutionResult = { success: true, output: 'done' };
const never = (): Promise<ExecutionResult> => new Promise(() => {});

test('a call that has answered waits for nothing', async () => {
  const runtime = new ManualRuntime();
  const aborting = new AbortController();
  expect(await callExecutor(async () => done, aborting.signal, runtime)).toEqual(done);
  aborting.abort();
  await turns();
  expect(runtime.slept).toEqual([]);
});

test('nor does one that answers after the abort', async () => {
  const runtime = new ManualRuntime();
  const aborting = new AbortController();
  const answer = Promise.withResolvers<ExecutionResult>();
  const call = callExecutor(() => answer.promise, aborting.signal, runtime);
  aborting.abort();
  expect(runtime.sleeping).toEqual([10_000]);
  answer.resolve(done);
  expect(await call).toEqual(done);
  expect(runtime.sleeping).toEqual([]);
});

test.each(['before', 'while'])(
  'a call that does not heed an abort %s it runs ends 10 s later',
  async (when) => {
    const runtime = new ManualRuntime();
    const aborting = new AbortController();
    if (when === 'before') aborting.abort();
    const call = callExecutor(never, aborting.signal, runtime);
    aborting.abort();
    expect(runtime.sleeping).toEqual([10_000]);
    runtime.advance(10_000);
    expect(await call).toMatchObject({
      error: { kind: 'failed', message: 'the executor threw: did not end within 10 s of the abort' },
    });
  },
);

test('an executor may throw at once, or return no promise', async () => {
  const runtime = new ManualRuntime();
  const throwing = (): never => {
    throw new Error('boom');
  };
  expect(await callExecutor(throwing, AbortSignal.abort(), runtime)).toMatchObject({
    error: { message: 'the executor threw: boom' },
  });
  expect(await callExecutor(() => done as never, AbortSignal.abort(), runtime)).toEqual(done);
  await turns();
});
