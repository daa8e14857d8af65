import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Answer, ClaudeRequest } from '../../src/claude/ask.ts';
import { createClaude } from '../../src/claude/client.ts';
import { isOrchError } from '../../src/model/errors.ts';
import {
  accessToken,
  apiError,
  cutShort,
  message,
  noToken,
  refusal,
  silence,
  stalledBody,
  unauthorized,
} from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { rawStream } from '../support/claude-streams.ts';

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
  test('gives text, usage, stop reason and model', async () => {
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

  test('sends what was asked and nothing else', async () => {
    await ask();
    expect(server().requests[0]?.body).toEqual({
      model: 'claude-sonnet-5-5',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Say hi.' }],
    });
  });

  test('sends system prompt, effort and schema where they are given', async () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    await ask({ request: { system: 'Be kind.', effort: 'low', schema } });
    expect(server().requests[0]?.body).toMatchObject({
      system: 'Be kind.',
      output_config: { effort: 'low', format: { type: 'json_schema', schema } },
    });
    expect(server().violations).toEqual([]);
  });

  test('leaves the effort out for a model that does not take it', async () => {
    await ask({ request: { model: 'claude-haiku-4-5', effort: 'low' } });
    expect(server().requests[0]?.body).not.toHaveProperty('output_config');
    expect(server().violations).toEqual([]);
  });

  test('asks for answers longer than the SDK allows without a time-out', async () => {
    expect(await ask({ request: { maxTokens: 64_000 } })).toMatchObject({ ok: true });
  });

  test('mends half of a surrogate pair, which would break the body', async () => {
    await ask({ request: { content: 'a\ud83d' } });
    expect(server().requests[0]?.prompt).toBe('a\ufffd');
  });

  test('prices the model that answered', async () => {
    server().next(
      message({ model: 'claude-haiku-4-5-20251001', usage: { input_tokens: 1_000_000, output_tokens: 0 } }),
    );
    expect(await ask()).toMatchObject({ model: 'claude-haiku-4-5-20251001', usage: { costUsd: 1 } });
  });

  test('has no usage where the server tells none', async () => {
    server().next(message({ usage: null }));
    expect(await ask()).not.toHaveProperty('usage');
  });

  test.each([7, { a: 1 }, ''])('takes the asked model where the answer names %j', async (model) => {
    server().next(message({ model }));
    expect(await ask()).toMatchObject({ ok: true, model: 'claude-sonnet-5-5' });
  });

  test.each([null, 'done', [null]])('keeps the cost of an odd body: content %j', async (content) => {
    server().next(message({ content }));
    expect(await ask()).toMatchObject({
      ok: false,
      failure: { kind: 'transient' },
      usage: { inputTokens: 10, outputTokens: 5 },
      model: 'claude-sonnet-5-5',
    });
  });

  test('has no usage where it is none', async () => {
    server().next(message({ content: null, usage: [] as never }));
    expect(await ask()).not.toHaveProperty('usage');
  });

  test.each([
    ['a refusal', refusal(), undefined],
    ['a cut answer', cutShort('half of'), 'half of'],
  ])('keeps usage and text of %s', async (_, reply, text) => {
    server().next(reply);
    const answer = await ask();
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'failed' }, usage: { outputTokens: 5 } });
    expect('text' in answer ? answer.text : undefined).toBe(text);
  });

  test('shares one client between calls, and each call is one request', async () => {
    const claude = createClaude();
    const options = { signal: new AbortController().signal, timeoutMs: PATIENT };
    const answers = await Promise.all([claude.ask(REQUEST, options), claude.ask(REQUEST, options)]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
    expect(server().requests.map(({ headers }) => headers['x-stainless-retry-count'])).toEqual(['0', '0']);
  });
});

describe('a deadline', () => {
  test.each([
    ['no answer begins', silence, 150],
    ['the body stalls', stalledBody, 0],
  ])('ends a call when %s, and says whether anything of one came', async (_, reply, silentMs) => {
    server().next(reply());
    expect(await ask({ timeoutMs: 150 })).toEqual({
      ok: false,
      failure: { kind: 'failed', message: 'no whole answer within 0.15 s', silentMs },
      isLost: true,
    });
  });

  test('does not end a call whose body goes on in time', async () => {
    const stalled = stalledBody({ text: 'late, but whole' });
    server().next(stalled);
    const answer = ask();
    await server().received(1);
    stalled.finish();
    expect(await answer).toMatchObject({ ok: true, text: 'late, but whole' });
  });

  test('may be longer than a timer of Node can wait', async () => {
    expect(await ask({ timeoutMs: 2 ** 40 })).toMatchObject({ ok: true });
  });
});

describe("the caller's abort", () => {
  const aborted = { ok: false, failure: { kind: 'transient', message: 'the call was aborted' } };

  test.each([
    ['before an answer begins', silence],
    ['inside the body', stalledBody],
  ])('ends a call %s', async (_, reply) => {
    const controller = new AbortController();
    server().next(reply());
    const answer = ask({ signal: controller.signal });
    await server().received(1);
    controller.abort(new Error(`stop, ${TEST_KEY}`));
    expect(await answer).toEqual({ ...aborted, isLost: true });
  });

  test('before the call sends nothing', async () => {
    expect(await ask({ signal: AbortSignal.abort() })).toEqual(aborted);
    expect(server().requests).toEqual([]);
  });
});

describe('credentials', () => {
  test('come from the option first', async () => {
    const claude = createClaude({ apiKey: 'gateway-key-1234', baseURL: server().url });
    server().next(unauthorized());
    const answer = await claude.ask(REQUEST, { signal: new AbortController().signal, timeoutMs: PATIENT });
    expect(server().requests[0]?.headers.authorization).toBe('Bearer gateway-key-1234');
    expect(answer).toMatchObject({
      failure: { kind: 'fatal', message: expect.stringContaining('[redacted]') },
    });
    expect(JSON.stringify(answer)).not.toContain('gateway-key-1234');
  });

  test('that are missing are fatal, and nothing is sent', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', undefined);
    expect(await ask()).toMatchObject({
      failure: { kind: 'fatal', message: expect.stringContaining('ANTHROPIC_API_KEY') },
    });
    expect(server().requests).toEqual([]);
  });

  test('of a profile that is missing are fatal', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', undefined);
    vi.stubEnv('ANTHROPIC_PROFILE', 'nobody');
    expect(await ask()).toMatchObject({
      failure: { kind: 'fatal', message: expect.stringContaining('nobody') },
    });
  });

  test.each(['no-header\u2026-5678', 'no-header\n-5678'])(
    'that cannot be sent are fatal, and are not shown',
    async (key) => {
      vi.stubEnv('ANTHROPIC_API_KEY', key);
      const answer = await ask();
      expect(answer).toMatchObject({ failure: { kind: 'fatal' } });
      expect(JSON.stringify(answer)).not.toMatch(/no-header|5678/);
    },
  );

  test.each(['', '  '])('that are an empty option are refused: "%s"', (apiKey) => {
    expect(() => createClaude({ apiKey })).toThrow(expect.toSatisfy((error) => isOrchError(error, 'usage')));
  });

  test('in an address are not shown', async () => {
    vi.stubEnv('ANTHROPIC_BASE_URL', 'http://me:pass-word@127.0.0.1:9');
    expect(JSON.stringify(await ask())).not.toContain('pass-word');
  });
});

test('a server that is not there is transient, and its address is told', async () => {
  await server().close();
  const { host } = new URL(server().url);
  expect(await ask()).toMatchObject({
    failure: { kind: 'transient', message: expect.stringContaining(host) },
  });
});

describe('a token that has to be obtained first', () => {
  const TOKEN = 'obtained-token-0000';

  function useFederation(): void {
    vi.stubEnv('ANTHROPIC_API_KEY', undefined);
    vi.stubEnv('ANTHROPIC_FEDERATION_RULE_ID', 'rule');
    vi.stubEnv('ANTHROPIC_ORGANIZATION_ID', 'organization');
    vi.stubEnv('ANTHROPIC_IDENTITY_TOKEN', 'identity-0000');
  }

  test('is sent, and is not shown though nothing in the environment holds it', async () => {
    useFederation();
    server().handleToken(accessToken(TOKEN));
    server().handle(() => apiError(401, 'authentication_error', `invalid token ${TOKEN}`));
    const answer = await ask();
    expect(server().requests.at(-1)?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(answer).toMatchObject({ failure: { kind: 'fatal' } });
    expect(JSON.stringify(answer)).not.toContain(TOKEN);
  });

  test('is not obtained by showing what it is obtained with', async () => {
    useFederation();
    const file = join(mkdtempSync(join(tmpdir(), 'orch-identity-')), 'token');
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    writeFileSync(file, 'identity-of-a-file');
    vi.stubEnv('ANTHROPIC_IDENTITY_TOKEN', undefined);
    vi.stubEnv('ANTHROPIC_IDENTITY_TOKEN_FILE', file);
    server().handleToken((response, request) =>
      noToken(401, `bad ${request.body.assertion}`)(response, request),
    );
    const answer = await ask();
    expect(answer).toMatchObject({
      failure: { kind: 'fatal', message: expect.stringContaining('[redacted]') },
    });
    expect(JSON.stringify(answer)).not.toContain('identity-of-a-file');
  });

  test('is not to be had without the file of the identity', async () => {
    useFederation();
    vi.stubEnv('ANTHROPIC_IDENTITY_TOKEN', undefined);
    vi.stubEnv('ANTHROPIC_IDENTITY_TOKEN_FILE', '/no/such/file');
    expect(await ask()).toMatchObject({
      failure: { kind: 'fatal', message: expect.stringContaining('/no/such/file') },
    });
  });

  test('is waited for only until the deadline', async () => {
    useFederation();
    server().handleToken(silence());
    expect(await ask({ timeoutMs: 150 })).toMatchObject({
      ok: false,
      failure: { kind: 'failed', message: 'no whole answer within 0.15 s', silentMs: 150 },
    });
  });

  test('is waited for only until the abort', async () => {
    useFederation();
    server().handleToken(silence());
    const controller = new AbortController();
    const answer = ask({ signal: controller.signal });
    await server().received(1);
    controller.abort();
    expect(await answer).toMatchObject({ failure: { kind: 'transient', message: 'the call was aborted' } });
  });
});

test.each(['bad name: x', 'X-Key: b\u00e4d\u2026secret-value'])(
  'a custom header that cannot be sent is fatal: %s',
  async (header) => {
    vi.stubEnv('ANTHROPIC_CUSTOM_HEADERS', header);
    const answer = await ask();
    expect(answer).toMatchObject({
      failure: { kind: 'fatal', message: expect.stringContaining('ANTHROPIC_CUSTOM_HEADERS') },
    });
    expect(JSON.stringify(answer)).not.toContain('secret-value');
  },
);

test.each([
  ['NODE_USE_ENV_PROXY', '1'],
  ['NODE_OPTIONS', '--use-env-proxy'],
])('a call goes by the proxy of the environment where %s says so', async (name, value) => {
  const proxy = await startProxy(new URL(server().url).port);
  vi.stubEnv(name, value);
  vi.stubEnv('http_proxy', undefined);
  vi.stubEnv('no_proxy', undefined);
  vi.stubEnv('NO_PROXY', undefined);
  vi.stubEnv('HTTP_PROXY', proxy.url);
  vi.stubEnv('ANTHROPIC_BASE_URL', 'http://api.invalid:8080');
  expect(await ask()).toMatchObject({ ok: true, text: 'done' });
  expect(proxy.asked).toEqual(['api.invalid:8080']);
});

/** A proxy that leads every tunnel to one port of this machine. */
async function startProxy(port: string): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const target = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const end of [target, socket]) end.on('error', () => target.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

describe('what the SDK has to say', () => {
  const said = () => vi.spyOn(process.stderr, 'write').mockReturnValue(true);

  test.each([100, 64_000])('of an old model is not said at each call (%i tokens)', async (maxTokens) => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const stderr = said();
    expect(await ask({ request: { model: 'claude-sonnet-4-5', maxTokens } })).toMatchObject({ ok: true });
    expect(console.warn).toBe(warn);
    expect([warn.mock.calls, stderr.mock.calls]).toEqual([[], []]);
  });

  test('of what it cannot read is one line, without credentials and control characters', async () => {
    const stderr = said();
    server().next(rawStream(`event: message_start\ndata: {"${TEST_KEY}\u001b[2J${'x'.repeat(1000)}\n\n`));
    expect(await ask({ request: { maxTokens: 64_000 } })).toMatchObject({ ok: false });
    const lines = stderr.mock.calls.map(([text]) => String(text));
    expect(lines.join('')).toContain('Could not parse');
    for (const line of lines) expect(line).toMatch(/^\P{Cc}{1,300}\n$/u);
    expect(lines.join('')).not.toContain(TEST_KEY);
  });

  test('in detail, where somebody asks for that, holds no credential either', async () => {
    vi.stubEnv('ANTHROPIC_LOG', 'debug');
    const [stderr, stdout] = [said(), vi.spyOn(process.stdout, 'write')];
    server().next(apiError(400, 'invalid_request_error', 'No.'));
    await ask();
    expect(stdout).not.toHaveBeenCalled();
    const all = stderr.mock.calls.map(([text]) => String(text)).join('');
    expect(all).toContain('/v1/messages');
    expect(all).not.toContain(TEST_KEY);
  });
});

test('nothing of the SDK, undici or zod loads before the first call', async () => {
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
