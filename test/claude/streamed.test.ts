import { describe, expect, test, vi } from 'vitest';
import type { Answer, ClaudeRequest } from '../../src/claude/ask.ts';
import { createClaude } from '../../src/claude/client.ts';
import { htmlPage, message, type Reply, silence } from '../support/claude-replies.ts';
import { useFaultServer } from '../support/claude-setup.ts';
import {
  badEvent,
  cutStream,
  endedStream,
  stalledStream,
  streamError,
  streamed,
} from '../support/claude-streams.ts';

const server = useFaultServer();
const LONG: ClaudeRequest = { model: 'claude-sonnet-5-5', maxTokens: 21_334, content: 'Say much.' };

function ask(
  options: { reply?: Reply; signal?: AbortSignal; timeoutMs?: number; idleMs?: number } = {},
): Promise<Answer> {
  const { reply, signal = new AbortController().signal, timeoutMs = 60_000, idleMs } = options;
  if (reply) server().next(reply);
  return createClaude({ idleMs }).ask(LONG, { signal, timeoutMs });
}

/** 10 tokens in, and the first of those out, as the beginning of a stream tells it. */
const BEGUN = { inputTokens: 10, outputTokens: 1, costUsd: 0.00003 };

describe('an answer that may be long', () => {
  test('is streamed, and comes out as one that is not', async () => {
    const parts = {
      thinking: 'Much?',
      text: 'Grüße, 東京 \u{1f600}\n',
      usage: { input_tokens: 8, output_tokens: 2 },
    };
    const answer = await ask({ reply: message(parts) });
    expect(server().requests[0]?.body.stream).toBe(true);
    expect(server().violations).toEqual([]);
    server().next(message(parts));
    const whole = await createClaude().ask(
      { ...LONG, maxTokens: 21_333 },
      { signal: new AbortController().signal, timeoutMs: 60_000 },
    );
    expect(server().requests[1]?.body).not.toHaveProperty('stream');
    expect(answer).toEqual(whole);
    expect(answer).toMatchObject({ ok: true, text: parts.text, usage: { inputTokens: 8, outputTokens: 2 } });
  });

  test('is as long as a whole book', async () => {
    const text = 'All work and no play. '.repeat(50_000);
    expect(await ask({ reply: message({ text }) })).toMatchObject({ ok: true, text });
  });

  test('has a deadline over all of it, and what came until then is kept and paid', async () => {
    expect(await ask({ reply: stalledStream({ text: 'half of it' }), timeoutMs: 150 })).toEqual({
      ok: false,
      failure: { kind: 'failed', message: 'no whole answer within 0.15 s', silentMs: 0 },
      isLost: true,
      text: 'half ',
      usage: BEGUN,
      model: 'claude-sonnet-5-5',
    });
  });

  test('has that deadline before it begins too', async () => {
    expect(await ask({ reply: silence(), timeoutMs: 150, idleMs: 50 })).toEqual({
      ok: false,
      failure: { kind: 'failed', message: 'no whole answer within 0.15 s', silentMs: 150 },
      isLost: true,
    });
  });

  test('that stalls is given up as transient', async () => {
    expect(await ask({ reply: stalledStream(), idleMs: 100 })).toMatchObject({
      ok: false,
      failure: { kind: 'transient', message: expect.stringContaining('the answer stalled') },
      usage: BEGUN,
    });
  });

  test('is waited for as long as there is a sign of life', async () => {
    const slow = stalledStream({ text: 'late, but whole' });
    const answer = ask({ reply: slow, idleMs: 1000 });
    await server().received(1);
    const signs = setInterval(slow.ping, 20);
    const quiet = await ask({ reply: stalledStream(), idleMs: 1000 });
    clearInterval(signs);
    expect(quiet).toMatchObject({ failure: { message: expect.stringContaining('the answer stalled') } });
    slow.finish();
    expect(await answer).toMatchObject({ ok: true, text: 'late, but whole' });
  });

  test('ends when the caller aborts it', async () => {
    const controller = new AbortController();
    const answer = ask({ reply: stalledStream(), signal: controller.signal });
    await vi.waitUntil(() => server().inFlight === 1);
    controller.abort();
    expect(await answer).toMatchObject({ failure: { kind: 'transient', message: 'the call was aborted' } });
  });

  test.each<[string, Reply, string, RegExp]>([
    ['the connection breaks', cutStream(), 'transient', /broke off|cannot reach/],
    ['the stream ends before it', endedStream(), 'transient', /broke off/],
    ['an event is no JSON', badEvent(), 'transient', /not JSON/],
    ['the API is overloaded', streamError('overloaded_error', 'Later.'), 'transient', /overloaded/],
    ['the credentials end', streamError('authentication_error', 'Who?'), 'fatal', /credentials/],
  ])('keeps what it cost when %s', async (_, reply, kind, says) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const answer = await ask({ reply });
    expect(answer).toMatchObject({ ok: false, failure: { kind }, usage: BEGUN, text: 'do' });
    expect('failure' in answer && answer.failure.message).toMatch(says);
  });

  test.each<[string, Reply]>([
    ['a page of HTML', htmlPage()],
    ['nothing', streamed()],
    ['events of something else', streamed({ type: 'delta', text: 'x' }, { type: 'message_stop' })],
    ['a beginning without a message', streamed({ type: 'message_start' }, { type: 'message_stop' })],
  ])('is none where %s arrives', async (_, reply) => {
    expect(await ask({ reply })).toMatchObject({
      ok: false,
      failure: { kind: 'transient', message: expect.stringContaining('not a message of the API') },
    });
  });

  test('passes over what it does not know', async () => {
    const start = {
      type: 'message_start',
      message: { model: 'claude-sonnet-5-5', usage: { input_tokens: 3 } },
    };
    const reply = streamed(
      start,
      { type: 'content_block_start', index: 0, content_block: { type: 'redacted_thinking', data: 'x' } },
      { type: 'content_block_delta', index: 7, delta: { type: 'text_delta', text: 'nowhere' } },
      { type: 'content_block_start', index: 1, content_block: { type: 'text' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'here' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'brand_new_delta', text: 'no' } },
      { type: 'brand_new' },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { input_tokens: null, output_tokens: 4 },
      },
      { type: 'message_stop' },
    );
    expect(await ask({ reply })).toMatchObject({
      ok: true,
      text: 'here',
      usage: { inputTokens: 3, outputTokens: 4 },
    });
  });
});
