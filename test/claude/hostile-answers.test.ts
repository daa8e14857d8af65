import { expect, test } from 'vitest';
import type { ClaudeRequest } from '../../src/claude/ask.ts';
import { createClaude } from '../../src/claude/client.ts';
import { Governor } from '../../src/claude/governor/governor.ts';
import { readStream } from '../../src/claude/streamed.ts';
import type { Budget } from '../../src/ports/budget.ts';
import { htmlPage, message, type Reply } from '../support/claude-replies.ts';
import { useFaultServer } from '../support/claude-setup.ts';
import { streamed } from '../support/claude-streams.ts';

const server = useFaultServer();
const request: ClaudeRequest = { model: 'claude-sonnet-5-5', maxTokens: 21_334, content: 'Say much.' };

const START = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5-5',
    content: [],
    stop_reason: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  },
};

/** Asks with a governor and a budget that are looked at afterwards. */
async function ask(reply: Reply, asked: ClaudeRequest = request) {
  const settled: unknown[] = [];
  const budget: Budget = {
    reserve: async (worst) => ({ settle: async (usd) => void settled.push(usd === worst ? 'worst' : usd) }),
  };
  const governor = new Governor();
  server().next(reply);
  const signal = new AbortController().signal;
  const answer = await createClaude({ governor }).ask(asked, { signal, timeoutMs: 10_000, budget });
  const inFlight = governor.state().map((state) => state.inFlight);
  return { answer, settled, inFlight };
}

test.each([[null], [[null]], ['text']])(
  'a stream that says its content is %j later is read without it, and its turn ends',
  async (content) => {
    const events = [
      START,
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'so far' } },
      { type: 'message_delta', delta: { content, stop_reason: 'end_turn' } },
    ];
    const { answer, inFlight } = await ask(streamed(...events));
    const message = expect.stringContaining('broke off');
    expect(answer).toMatchObject({ ok: false, failure: { message }, text: 'so far' });
    expect(inFlight).toEqual([0]);
  },
);

test.each([4_294_967_293, -1, 1.5, '__proto__', null])('a block with the index %j is none', async (index) => {
  async function* events() {
    yield START;
    yield { type: 'content_block_start', index, content_block: { type: 'text', text: 'x' } };
    yield { type: 'message_stop' };
  }
  expect((await readStream(events(), () => {}))?.content).toEqual([]);
});

const whole = { ...request, maxTokens: 1_000 };
test.each<[string, Reply, ClaudeRequest]>([
  ['tells no usage', message({ usage: null }), whole],
  ['tells its usage in words', message({ usage: { input_tokens: '8', output_tokens: '9' } }), whole],
  ['tells more than there can be', message({ usage: { input_tokens: 1.7e308, output_tokens: 1 } }), whole],
  ['is a page', htmlPage(), whole],
  ['is a page instead of a stream', htmlPage(), request],
])('an answer that %s counts as dear as it could have been', async (_, reply, asked) => {
  expect((await ask(reply, asked)).settled).toEqual(['worst']);
});
