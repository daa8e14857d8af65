import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import type { Answer, ClaudeRequest } from '../../src/claude/ask.ts';
import { createClaude } from '../../src/claude/client.ts';
import { isOrchError } from '../../src/model/errors.ts';
import { cutShort, message, refusal, silence, stalledBody, unauthorized } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';

const server = useFaultServer();
const REQUEST: ClaudeRequest = { model: 'claude-sonnet-5-5', maxTokens: 100, content: 'Say hi.' };
const PATIENT = 60_000;

function ask(
  options: { request?: Partial<ClaudeRequest>; signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<Answer> {
  const { request, signal = new AbortController().signal, timeoutMs = PATIENT } = options;
  return createClaude().ask({ ...REQUEST, ...request }, { signal, timeoutMs });
}

describe('a call', () => {
  it('gives text, usage, stop reason and model', async () => {
    server().next(
      message({ thinking: 'A greeting.', text: 'hi', usage: { input_tokens: 8, output_tokens: 2 } }),
    );
    expect(await ask()).toEqual({
      ok: true,
      text: 'hi',
      usage: { inputTokens: 8, outputTokens: 2, costUsd: 0.000036 },
      stopReason: 'end_turn',
      model: 'claude-sonnet-5-5',
    });
  });

  it('sends what was asked and nothing else', async () => {
    await ask();
    expect(server().requests[0]?.body).toEqual({
      model: 'claude-sonnet-5-5',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Say hi.' }],
    });
  });

  it('sends system prompt, effort and schema where they are given', async () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    await ask({ request: { system: 'Be kind.', effort: 'low', schema } });
    expect(server().requests[0]?.body).toMatchObject({
      system: 'Be kind.',
      output_config: { effort: 'low', format: { type: 'json_schema', schema } },
    });
    expect(server().violations).toEqual([]);
  });

  it('leaves the effort out for a model that does not take it', async () => {
    await ask({ request: { model: 'claude-haiku-4-5', effort: 'low' } });
    expect(server().requests[0]?.body).not.toHaveProperty('output_config');
    expect(server().violations).toEqual([]);
  });

  it('asks for answers longer than the SDK allows without a time-out', async () => {
    expect(await ask({ request: { maxTokens: 64_000 } })).toMatchObject({ ok: true });
  });

  it('mends half of a surrogate pair, which would break the body', async () => {
    await ask({ request: { content: 'a\ud83d' } });
    expect(server().requests[0]?.prompt).toBe('a\ufffd');
  });

  it('prices the model that answered', async () => {
    server().next(message({ model: 'claude-haiku-4-5-20251001', usage: { input_tokens: 1_000_000 } }));
    expect(await ask()).toMatchObject({ model: 'claude-haiku-4-5-20251001', usage: { costUsd: 1 } });
  });

  it('has no usage where the server tells none', async () => {
    server().next(message({ usage: null }));
    expect(await ask()).not.toHaveProperty('usage');
  });

  it.each([
    ['a refusal', refusal(), undefined],
    ['a cut answer', cutShort('half of'), 'half of'],
  ])('keeps usage and text of %s', async (_, reply, text) => {
    server().next(reply);
    const answer = await ask();
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'failed' }, usage: { outputTokens: 5 } });
    expect('text' in answer ? answer.text : undefined).toBe(text);
  });

  it('shares one client between calls, and each call is one request', async () => {
    const claude = createClaude();
    const options = { signal: new AbortController().signal, timeoutMs: PATIENT };
    const answers = await Promise.all([claude.ask(REQUEST, options), claude.ask(REQUEST, options)]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
    expect(server().requests.map(({ headers }) => headers['x-stainless-retry-count'])).toEqual(['0', '0']);
  });
});

describe('a deadline', () => {
  it.each([
    ['no answer begins', silence],
    ['the body stalls', stalledBody],
  ])('ends a call when %s', async (_, reply) => {
    server().next(reply());
    expect(await ask({ timeoutMs: 150 })).toEqual({
      ok: false,
      failure: { kind: 'failed', message: 'no whole answer within 0.15 s' },
    });
  });

  it('does not end a call whose body goes on in time', async () => {
    const stalled = stalledBody({ text: 'late, but whole' });
    server().next(stalled);
    const answer = ask();
    await server().received(1);
    stalled.finish();
    expect(await answer).toMatchObject({ ok: true, text: 'late, but whole' });
  });

  it('may be longer than a timer of Node can wait', async () => {
    expect(await ask({ timeoutMs: 2 ** 40 })).toMatchObject({ ok: true });
  });
});

describe("the caller's abort", () => {
  const aborted = { ok: false, failure: { kind: 'transient', message: 'the call was aborted' } };

  it.each([
    ['before an answer begins', silence],
    ['inside the body', stalledBody],
  ])('ends a call %s', async (_, reply) => {
    const controller = new AbortController();
    server().next(reply());
    const answer = ask({ signal: controller.signal });
    await server().received(1);
    controller.abort(new Error(`stop, ${TEST_KEY}`));
    expect(await answer).toEqual(aborted);
  });

  it('before the call sends nothing', async () => {
    expect(await ask({ signal: AbortSignal.abort() })).toEqual(aborted);
    expect(server().requests).toEqual([]);
  });
});

describe('credentials', () => {
  it('come from the option first', async () => {
    const claude = createClaude({ apiKey: 'gateway-key-1234', baseURL: server().url });
    server().next(unauthorized());
    const answer = await claude.ask(REQUEST, { signal: new AbortController().signal, timeoutMs: PATIENT });
    expect(server().requests[0]?.headers.authorization).toBe('Bearer gateway-key-1234');
    expect(answer).toMatchObject({
      failure: { kind: 'fatal', message: expect.stringContaining('[redacted]') },
    });
    expect(JSON.stringify(answer)).not.toContain('gateway-key-1234');
  });

  it('that are missing are fatal, and nothing is sent', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', undefined);
    expect(await ask()).toMatchObject({
      failure: { kind: 'fatal', message: expect.stringContaining('ANTHROPIC_API_KEY') },
    });
    expect(server().requests).toEqual([]);
  });

  it('of a profile that is missing are fatal', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', undefined);
    vi.stubEnv('ANTHROPIC_PROFILE', 'nobody');
    expect(await ask()).toMatchObject({
      failure: { kind: 'fatal', message: expect.stringContaining('nobody') },
    });
  });

  it.each(['no-header\u2026-5678', 'no-header\n-5678'])(
    'that cannot be sent are fatal, and are not shown',
    async (key) => {
      vi.stubEnv('ANTHROPIC_API_KEY', key);
      const answer = await ask();
      expect(answer).toMatchObject({ failure: { kind: 'fatal' } });
      expect(JSON.stringify(answer)).not.toMatch(/no-header|5678/);
    },
  );

  it.each(['', '  '])('that are an empty option are refused: "%s"', (apiKey) => {
    expect(() => createClaude({ apiKey })).toThrow(expect.toSatisfy((error) => isOrchError(error, 'usage')));
  });

  it('in an address are not shown', async () => {
    vi.stubEnv('ANTHROPIC_BASE_URL', 'http://me:pass-word@127.0.0.1:9');
    expect(JSON.stringify(await ask())).not.toContain('pass-word');
  });
});

it('an address that is none is fatal', async () => {
  vi.stubEnv('ANTHROPIC_BASE_URL', 'nowhere');
  expect(await ask()).toMatchObject({
    failure: { kind: 'fatal', message: expect.stringContaining('ANTHROPIC_BASE_URL') },
  });
});

it('a server that is not there is transient, and its address is told', async () => {
  await server().close();
  const { host } = new URL(server().url);
  expect(await ask()).toMatchObject({
    failure: { kind: 'transient', message: expect.stringContaining(host) },
  });
});

it('nothing of the SDK, undici or zod loads before the first call', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) });
    const { ClaudeExecutor } = await import('./src/executors/claude/claude-executor.ts');
    const { ClaudeVerifier } = await import('./src/verifiers/claude/claude-verifier.ts');
    new ClaudeExecutor(); new ClaudeVerifier();
    console.log(seen.filter((name) => !name.startsWith('.') && !name.startsWith('node:')).join());`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: new URL('../..', import.meta.url),
  });
  expect(stdout.trim()).toBe('');
});
