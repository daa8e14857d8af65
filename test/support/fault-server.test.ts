import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import {
  cutBody,
  message,
  type Reply,
  rateLimited,
  silence,
  stalledBody,
  verdict,
} from './claude-replies.ts';
import { requestViolations } from './claude-request-check.ts';
import { TEST_KEY, useFaultServer } from './claude-setup.ts';

const server = useFaultServer();
const HEADERS = {
  'anthropic-version': '2026-10-21',
  authorization: 'Bearer key',
  'content-type': 'application/json',
};
const marked = { type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } };
const BODY = { model: 'claude-sonnet-5-5', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] };
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false };

function post(body: unknown = BODY, headers: Record<string, string> = HEADERS, path = '/v1/messages') {
  return fetch(server().url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function textOf(response: Response): Promise<string> {
  const { content } = (await response.json()) as { content: { text: string }[] };
  return content[0]?.text ?? '';
}

describe('the check of requests', () => {
  test.each([
    ['a plain one', {}],
    ['a system prompt', { system: 'Be kind.' }],
    ['thinking as it comes', { thinking: { type: 'adaptive' } }],
    ['many tokens in a stream', { max_tokens: 128_000, stream: true }],
    ['as many as a model gives', { model: 'claude-opus-4-5', max_tokens: 64_000, stream: true }],
    ['many tokens in one piece', { max_tokens: 21_333 }],
    ['four cache marks', { system: Array(4).fill(marked) }],
    ['much effort', { model: 'claude-opus-4-6', output_config: { effort: 'max' } }],
    ['blocks', { messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] }],
    [
      'an earlier answer',
      { messages: [...BODY.messages, { role: 'assistant', content: 'yes' }, ...BODY.messages] },
    ],
    ['a format', { output_config: { effort: 'low', format: { type: 'json_schema', schema: SCHEMA } } }],
  ])('accepts %s', (_, change) => {
    expect(requestViolations('/v1/messages', HEADERS, { ...BODY, ...change })).toEqual([]);
  });

  const format = (format: unknown) => ({ output_config: { format } });
  const schema = (change: object) => format({ type: 'json_schema', schema: { ...SCHEMA, ...change } });
  const names = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`);
  const many = (count: number, child: object) =>
    Object.fromEntries(names(count).map((name) => [name, child]));
  const inner = (child: object) => schema({ properties: { a: child } });

  test.each<[string, Record<string, unknown>]>([
    ['temperature', { temperature: 1 }],
    ['top_p', { top_p: 1 }],
    ['top_k', { top_k: 5 }],
    ['thinking by a budget', { thinking: { type: 'enabled', budget_tokens: 1024 } }],
    ['no thinking', { thinking: { type: 'disabled' } }],
    [
      'no thinking with much effort',
      { model: 'claude-opus-5', thinking: { type: 'disabled' }, output_config: { effort: 'max' } },
    ],
    ['adaptive thinking of an old model', { model: 'claude-opus-4-5', thinking: { type: 'adaptive' } }],
    ['too many tokens', { max_tokens: 128_001, stream: true }],
    ['too many tokens for a model', { model: 'claude-haiku-4-5-20251001', max_tokens: 64_001, stream: true }],
    ['many tokens in one piece', { max_tokens: 21_334 }],
    ['a stream that is none', { stream: 'yes' }],
    ['a cache mark of another type', { cache_control: { type: 'persistent' } }],
    ['a cache mark of another time', { cache_control: { type: 'ephemeral', ttl: '2h' } }],
    [
      'a cache mark on nothing',
      { system: [{ type: 'text', text: '', cache_control: { type: 'ephemeral' } }] },
    ],
    ['five cache marks', { system: Array(5).fill(marked) }],
    ['effort xhigh for a model without', { model: 'claude-sonnet-4-6', output_config: { effort: 'xhigh' } }],
    ['effort max for a model without', { model: 'claude-opus-4-5', output_config: { effort: 'max' } }],
    ['a forced tool', { tool_choice: { type: 'any' } }],
    ['a field that does not exist', { max_token: 5 }],
    ['no model', { model: undefined }],
    ['a retired model', { model: 'claude-sonnet-4-20250514' }],
    ['no limit of tokens', { max_tokens: undefined }],
    ['a limit of 0 tokens', { max_tokens: 0 }],
    ['a limit of half a token', { max_tokens: 0.5 }],
    ['no messages', { messages: [] }],
    ['a prefill', { messages: [...BODY.messages, { role: 'assistant', content: '{' }] }],
    ['an empty message', { messages: [{ role: 'user', content: ' ' }] }],
    ['a system message in the list', { messages: [{ role: 'system', content: 'x' }, ...BODY.messages] }],
    ['an empty system prompt', { system: '' }],
    ['an unknown output_config', { output_config: { verbosity: 'low' } }],
    ['an unknown effort', { output_config: { effort: 'lowest' } }],
    ['effort for a model without', { model: 'claude-haiku-4-5', output_config: { effort: 'low' } }],
    ['an unknown format', format({ type: 'json', schema: SCHEMA })],
    ['a format with more in it', format({ type: 'json_schema', schema: SCHEMA, name: 'x' })],
    ['a schema that is open', schema({ additionalProperties: true })],
    ['a schema that is open inside', inner({ type: 'object', properties: {} })],
    ['half of a surrogate pair', { system: 'a\ud83d' }],
    ['a body that is too large', { system: 'x'.repeat(2 ** 25) }],
    ['a block of an unknown kind', { messages: [{ role: 'user', content: [{ type: 'txt', text: 'x' }] }] }],
    ['a block without text', { system: [{ type: 'text' }] }],
    ['a schema that holds itself', inner({ type: 'array', items: { $ref: '#' } })],
    ['too many unions', schema({ properties: many(17, { anyOf: [] }), required: names(17) })],
    ['too many types', schema({ properties: many(17, { type: ['string', 'null'] }), required: names(17) })],
    ['too many that may be left out', schema({ properties: many(25, { type: 'string' }) })],
    ['a bound on a number', inner({ type: 'number', minimum: 0 })],
  ])('refuses %s', (_, change) => {
    expect(requestViolations('/v1/messages', HEADERS, { ...BODY, ...change })).toHaveLength(1);
  });

  test.each([
    ['an older version', { 'anthropic-version': '2023-06-01' }],
    ['no authorization', { authorization: undefined }],
    ['a bare bearer', { authorization: 'Bearer ' }],
    ['another type of content', { 'content-type': 'text/plain' }],
  ])('refuses %s', (_, change) => {
    expect(requestViolations('/v1/messages', { ...HEADERS, ...change }, BODY)).toHaveLength(1);
  });

  const { max_tokens: _, ...prompt } = BODY;

  test('accepts a prompt whose tokens are to be counted', () => {
    expect(requestViolations('/v1/messages/count_tokens', HEADERS, prompt)).toEqual([]);
  });

  test.each([
    { temperature: 1 },
    { max_tokens: 10 },
    { stream: true },
    { model: undefined },
    { tool_choice: {} },
  ])('refuses to count with %j', (change) => {
    const body = { ...prompt, ...change };
    expect(requestViolations('/v1/messages/count_tokens', HEADERS, body)).toHaveLength(1);
  });

  test('refuses other paths and bodies', () => {
    expect(requestViolations('/v1/v1/messages', HEADERS, BODY)).toHaveLength(1);
    expect(requestViolations('/v1/messages', HEADERS, [])).toHaveLength(1);
  });
});

describe('the fault server', () => {
  test('answers 400 to what is refused, keeps the reason, and does not use up a reply', async () => {
    server().next(message({ text: 'kept' }));
    const response = await post({ ...BODY, temperature: 0 });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    expect(server().violations).toEqual([
      'temperature: not permitted (sampling parameters are refused, at their defaults too)',
    ]);
    expect(await (await post()).json()).toMatchObject({ content: [{ type: 'text', text: 'kept' }] });
  });

  test.each([
    ['no authorization', { 'anthropic-version': '2026-10-21' }],
    ['an older version', { ...HEADERS, 'anthropic-version': '2023-06-01' }],
  ])('answers 400 to a look-up with %s', async (_, headers) => {
    const response = await fetch(`${server().url}/v1/models/claude-sonnet-5-5`, { headers });
    expect([response.status, server().violations.length]).toEqual([400, 1]);
  });

  test('answers 400 to a count that is refused, too', async () => {
    const response = await post(
      { ...BODY, max_tokens: undefined, top_p: 1 },
      HEADERS,
      '/v1/messages/count_tokens',
    );
    expect([response.status, server().violations.length]).toEqual([400, 1]);
  });

  test('repeats the authorization in its error texts', async () => {
    server().next(rateLimited(9));
    const response = await post();
    expect(response.headers.get('retry-after')).toBe('9');
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringContaining('Bearer key') },
    });
  });

  test('serves the real SDK', async () => {
    const client = new Anthropic({ maxRetries: 0 });
    server().next(message({ thinking: 'hm', text: 'hi' }));
    const { content, usage } = await client.messages.create({
      model: 'claude-sonnet-5-5',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'hello' }],
    });
    expect(content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    expect(usage.output_tokens).toBe(5);
    expect(server().requests[0]).toMatchObject({
      number: 1,
      prompt: 'hello',
      isJudge: false,
      headers: { authorization: `Bearer ${TEST_KEY}` },
    });
  });

  test('replies in order, then as its handler says', async () => {
    server().handle(({ prompt }) => message({ text: `handled ${prompt}` }));
    server().next(message({ text: 'first' }), message({ text: 'second' }));
    const texts: string[] = [];
    for (let i = 0; i < 3; i++) texts.push(await textOf(await post()));
    expect(texts).toEqual(['first', 'second', 'handled hi']);
  });

  test('agrees with everything by itself', async () => {
    expect(await textOf(await post())).toBe('done');
    const judged = await post({
      ...BODY,
      output_config: { format: { type: 'json_schema', schema: SCHEMA } },
    });
    expect(JSON.parse(await textOf(judged))).toMatchObject({ passed: true });
    expect(server().requests.map(({ isJudge }) => isJudge)).toEqual([false, true]);
  });

  test('counts what is in flight, and its peak', async () => {
    const held: ((reply: Reply) => void)[] = [];
    server().handle(() => new Promise<Reply>((answer) => held.push(answer)));
    const calls = [post(), post(), post()];
    await server().received(3);
    expect(server().inFlight).toBe(3);
    for (const answer of held) answer(verdict({ passed: true }));
    await Promise.all(calls.map(async (call) => (await call).text()));
    expect(server().peak).toBe(3);
  });

  test('cuts a body', async () => {
    server().next(cutBody());
    await expect(post().then((response) => response.text())).rejects.toThrow();
  });

  test('holds half of a body back until the test lets it go', async () => {
    const stalled = stalledBody({ text: 'whole' });
    server().next(stalled);
    const response = await post();
    expect(response.status).toBe(200);
    stalled.finish();
    expect(await response.json()).toMatchObject({ content: [{ text: 'whole' }] });
  });

  test('ends the calls that it still holds when it closes', async () => {
    server().next(silence());
    const call = post();
    await server().received(1);
    await Promise.all([expect(call).rejects.toThrow(), server().close()]);
  });
});
