import { expect, onTestFinished, test } from 'vitest';
import type { ClaudeRequest } from '../../src/claude/ask.ts';
import { createClaude } from '../../src/claude/client.ts';
import { Governor } from '../../src/claude/governor/governor.ts';
import { OrchestratorBuilder } from '../../src/core/builder.ts';
import { ClaudeExecutor } from '../../src/executors/claude/claude-executor.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { ClaudeVerifier } from '../../src/verifiers/claude/claude-verifier.ts';
import {
  apiError,
  cutBody,
  message,
  overloaded,
  type Reply,
  silence,
  stalledBody,
} from '../support/claude-replies.ts';
import { useFaultServer } from '../support/claude-setup.ts';
import { type LimitServerOptions, startLimitServer } from '../support/limit-server.ts';
import { makeTask } from '../support/task.ts';

const server = useFaultServer();
const REQUEST: ClaudeRequest = { model: 'claude-sonnet-5-5', maxTokens: 100, content: 'Say hi.' };
const never = new AbortController().signal;
const PATIENT = { signal: never, timeoutMs: 60_000 };

const REQUESTS = {
  'anthropic-ratelimit-requests-limit': '1000',
  'anthropic-ratelimit-requests-remaining': '990',
};

/** A reply with these headers too. */
function withHeaders(headers: Record<string, string>, reply: Reply = message()): Reply {
  return (response, request) => {
    response.setHeaders(new Headers(headers));
    reply(response, request);
  };
}

const refusedFor = (ms: number): Reply =>
  apiError(429, 'rate_limit_error', 'Too many requests.', { headers: { 'retry-after-ms': String(ms) } });

test.each<[string, Reply]>([
  ['that is good', message()],
  ['of 529', overloaded()],
  ['of 429', refusedFor(1)],
  ['whose body breaks off', cutBody()],
])('an answer %s tells the limits, and its call is over', async (_, reply) => {
  const governor = new Governor();
  server().next(withHeaders(REQUESTS, reply));
  await createClaude({ governor }).ask(REQUEST, PATIENT);
  const [state] = governor.state();
  expect(state).toMatchObject({ model: REQUEST.model, inFlight: 0, waiting: 0 });
  expect(state?.limits.requests?.perMinute).toBe(1000);
});

test('limits are told by the headers, before the body is whole', async () => {
  const governor = new Governor();
  const stalled = stalledBody();
  server().next(withHeaders(REQUESTS, stalled));
  const answer = createClaude({ governor }).ask(REQUEST, PATIENT);
  await expect.poll(() => governor.state()[0]?.limits.requests?.perMinute).toBe(1000);
  expect(governor.state()).toMatchObject([{ inFlight: 1 }]);
  stalled.finish();
  expect(await answer).toMatchObject({ ok: true });
});

test('one retry-after holds back all calls of the model, which is no part of their deadline', async () => {
  const claude = createClaude();
  server().next(refusedFor(400));
  expect(await claude.ask(REQUEST, PATIENT)).toMatchObject({
    failure: { kind: 'transient', retryAfterMs: 400 },
  });
  const begun = performance.now();
  const answers = await Promise.all(
    [1, 2, 3].map(() => claude.ask(REQUEST, { signal: never, timeoutMs: 300 })),
  );
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(performance.now() - begun).toBeGreaterThan(350);
});

/** Eight calls at once, each replied to so; the window is as wide as that, and as what they found. */
async function eightAnswered(governor: Governor, reply: Reply): Promise<void> {
  const claude = createClaude({ governor });
  const { promise: arrived, resolve: answer } = Promise.withResolvers<void>();
  server().handle(async () => {
    await arrived;
    return reply;
  });
  const answers = Array.from({ length: 8 }, () => claude.ask(REQUEST, PATIENT));
  await server().received(8);
  answer();
  await Promise.all(answers);
}

test.each<[string, Reply]>([
  ['529', overloaded()],
  ['200 and an error in one piece', apiError(200, 'overloaded_error', 'Overloaded')],
])('calls that meet an overload, with %s, make fewer be under way', async (_, reply) => {
  const governor = new Governor();
  await eightAnswered(governor, reply);
  const ending = new AbortController();
  server().handle(silence);
  const claude = createClaude({ governor });
  const answers = Array.from({ length: 8 }, () =>
    claude.ask(REQUEST, { signal: ending.signal, timeoutMs: 60_000 }),
  );
  await server().received(14);
  expect(governor.state()).toMatchObject([{ inFlight: 6, waiting: 2, waitsFor: 'overload' }]);
  ending.abort();
  await Promise.all(answers);
});

test('an error with 200 that tells of no overload changes nothing', async () => {
  const governor = new Governor();
  await eightAnswered(governor, overloaded());
  await eightAnswered(governor, apiError(200, 'api_error', 'Something broke'));
  const ending = new AbortController();
  server().handle(silence);
  const answers = Array.from({ length: 8 }, () =>
    createClaude({ governor }).ask(REQUEST, { signal: ending.signal, timeoutMs: 60_000 }),
  );
  await server().received(22);
  expect(governor.state()).toMatchObject([{ inFlight: 6, waiting: 2 }]);
  ending.abort();
  await Promise.all(answers);
});

test.each<[string, Reply]>([
  ['429', apiError(429, 'rate_limit_error', 'Too fast.', { code: 'ramp_limit_exceeded' })],
  ['200', apiError(200, 'rate_limit_error', 'Too fast.', { code: 'ramp_limit_exceeded' })],
])('use that grows too fast, with %s, slows down the next calls', async (_, reply) => {
  const governor = new Governor();
  const claude = createClaude({ governor });
  server().next(reply);
  await claude.ask(REQUEST, PATIENT);
  const ending = new AbortController();
  const answer = claude.ask(REQUEST, { signal: ending.signal, timeoutMs: 60_000 });
  expect(governor.state()).toMatchObject([{ limits: {}, inFlight: 0, waiting: 1, waitsFor: 'requests' }]);
  ending.abort();
  await answer;
  expect(server().requests).toHaveLength(1);
});

test('an abort while it waits ends the call at once, and nothing is sent', async () => {
  const governor = new Governor();
  const claude = createClaude({ governor });
  server().next(refusedFor(30_000));
  await claude.ask(REQUEST, PATIENT);
  const controller = new AbortController();
  const answer = claude.ask(REQUEST, { signal: controller.signal, timeoutMs: 60_000 });
  expect(governor.state()).toMatchObject([{ waiting: 1, waitsFor: 'retry-after' }]);
  controller.abort();
  expect(await answer).toEqual({
    ok: false,
    failure: { kind: 'transient', message: 'the call was aborted' },
  });
  expect(server().requests).toHaveLength(1);
  expect(governor.state()).toMatchObject([{ inFlight: 0, waiting: 0 }]);
});

test('executor and verifier share a governor, each model with limits of its own', async () => {
  const governor = new Governor();
  const executor = new ClaudeExecutor({ governor, model: 'claude-opus-5-5' });
  const verifier = new ClaudeVerifier({ governor, model: 'claude-haiku-5-5' });
  server().next(
    withHeaders(REQUESTS),
    withHeaders({ ...REQUESTS, 'anthropic-ratelimit-requests-limit': '50' }),
  );
  await executor.execute(makeTask(), { attempt: 1, signal: never });
  await verifier.verify(makeTask(), { success: true, output: 'x' }, { signal: never });
  expect(governor.state().map(({ model, limits }) => [model, limits.requests?.perMinute])).toEqual([
    ['claude-opus-5-5', 1000],
    ['claude-haiku-5-5', 50],
  ]);
});

test('a run that is to end gives back what still waits for its turn, and finishes what was sent', async () => {
  const governor = new Governor();
  const store = new MemoryTaskStore();
  await store.add(Array.from({ length: 12 }, (_, index) => ({ description: `Task ${index}` })));
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  server().handle(async () => {
    await released;
    return message();
  });
  const orchestrator = new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor(new ClaudeExecutor({ governor }))
    .withConfig({ concurrency: 12, verifyResults: false })
    .build();
  const run = orchestrator.run();
  await server().received(8);
  expect(governor.state()).toMatchObject([{ inFlight: 8, waiting: 4 }]);
  orchestrator.stop('drain');
  await expect.poll(() => governor.state()[0]?.waiting).toBe(0);
  release();
  expect(await run).toMatchObject({ completed: 8, failed: 0, attempts: 8 });
  expect(server().requests).toHaveLength(8);
  expect(await store.counts()).toMatchObject({ pending: 4, completed: 8 });
});

async function limited(options: LimitServerOptions) {
  const api = await startLimitServer(options);
  onTestFinished(() => api.close());
  return api;
}

test('a run at high concurrency completes all its tasks under a limit, with hardly a refusal', async () => {
  const api = await limited({ requests: { perMinute: 3_000, burst: 20 }, latencyMs: 50, overloaded: 0.02 });
  const governor = new Governor();
  const store = new MemoryTaskStore();
  await store.add(Array.from({ length: 80 }, (_, index) => ({ description: `Task ${index}` })));
  const stats = await new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor(new ClaudeExecutor({ governor, baseURL: api.url }))
    .withConfig({ concurrency: 64, verifyResults: false })
    .build()
    .run();
  expect(stats).toMatchObject({ completed: 80, failed: 0, attempts: 80 });
  expect(api.figures.answered).toBe(80);
  expect(api.violations).toEqual([]);
  expect(api.figures.refused).toBeLessThan(20);
  expect(governor.state()).toMatchObject([{ inFlight: 0, waiting: 0 }]);
});
