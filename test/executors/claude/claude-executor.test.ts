import { describe, expect, test } from 'vitest';
import { LIST } from '../../../src/claude/prices.ts';
import { worstCaseUsd } from '../../../src/claude/worst-case.ts';
import { ClaudeExecutor, type ClaudeExecutorOptions } from '../../../src/executors/claude/claude-executor.ts';
import { isOrchError } from '../../../src/model/errors.ts';
import type { ExecutionResult } from '../../../src/model/result.ts';
import type { Budget } from '../../../src/ports/budget.ts';
import { cutShort, message, silence, stalledBody, unauthorized } from '../../support/claude-replies.ts';
import { useFaultServer } from '../../support/claude-setup.ts';
import { recordingBudget } from '../../support/recording-budget.ts';
import { makeTask } from '../../support/task.ts';

const server = useFaultServer();
const first = (signal = new AbortController().signal) => ({ attempt: 1, signal });

function failure(result: ExecutionResult) {
  if (result.success) throw new Error(`it succeeded: ${result.output}`);
  return result;
}

describe('the Claude executor', () => {
  test('gives the text, what it cost, and who gave it', async () => {
    server().next(message({ thinking: 'A colour.', text: 'blue' }));
    expect(await new ClaudeExecutor().execute(makeTask(), first())).toEqual({
      success: true,
      output: 'blue',
      usage: { inputTokens: 10, outputTokens: 5, costUsd: 0.00007 },
      metadata: {
        model: 'claude-sonnet-5-5',
        prompt: expect.stringMatching(/^[0-9a-f]{12}$/),
        stopReason: 'end_turn',
      },
    });
  });

  test.each([
    [undefined, 'claude-haiku-5-5'],
    [0, 'claude-haiku-5-5'],
    [1, 'claude-sonnet-5-5'],
    [2, 'claude-opus-5-5'],
    [9, 'claude-opus-5-5'],
  ])('moves up a model with each rejection: after %s it asks %s', async (rejections, model) => {
    const escalate = ['claude-sonnet-5-5', 'claude-opus-5-5'];
    const executor = new ClaudeExecutor({ model: 'claude-haiku-5-5', escalate });
    const result = await executor.execute(makeTask(), { ...first(), rejections });
    expect(server().requests[0]?.body.model).toBe(model);
    expect(result.metadata).toMatchObject({ model });
  });

  test('names the model that was asked where none answered', async () => {
    server().next(unauthorized());
    expect(await new ClaudeExecutor().execute(makeTask(), first())).toMatchObject({
      success: false,
      metadata: { model: 'claude-sonnet-5-5', prompt: expect.any(String) },
    });
  });

  test('takes effort and prompts from its options', async () => {
    const prompts = { system: 'Be brief.', retryPrompt: 'Better!' };
    const executor = new ClaudeExecutor({ effort: 'xhigh', ...prompts });
    await executor.execute(makeTask(), { ...first(), previous: { feedback: 'No.', issues: [] } });
    const { body, prompt } = server().requests[0]!;
    expect(body).toMatchObject({ system: 'Be brief.', output_config: { effort: 'xhigh' } });
    expect(prompt.endsWith('Better!')).toBe(true);
    expect(server().violations).toEqual([]);
  });

  test('tells other prompts by another hash, and the same by the same', async () => {
    const hashOf = async (options: ClaudeExecutorOptions) =>
      (await new ClaudeExecutor(options).execute(makeTask(), first())).metadata?.prompt;
    const plain = await hashOf({});
    expect(await hashOf({ model: 'claude-opus-5-5' })).toBe(plain);
    expect(await hashOf({ system: 'Be brief.' })).not.toBe(plain);
    expect(await hashOf({ retryPrompt: 'Better!' })).not.toBe(plain);
  });

  test('sends the task with its defaults, in a request that the API accepts', async () => {
    await new ClaudeExecutor().execute(makeTask(), first());
    const { body } = server().requests[0]!;
    expect(body).toEqual({
      model: 'claude-sonnet-5-5',
      max_tokens: 8192,
      system: expect.stringContaining('result alone'),
      messages: [{ role: 'user', content: 'Name a colour.' }],
    });
    expect(server().violations).toEqual([]);
  });

  test('takes model and limit of tokens from its options', async () => {
    await new ClaudeExecutor({ model: 'claude-opus-5-5', maxTokens: 64_000 }).execute(makeTask(), first());
    expect(server().requests[0]?.body).toMatchObject({ model: 'claude-opus-5-5', max_tokens: 64_000 });
  });

  test('sends the feedback with a retry', async () => {
    const previous = { output: 'bleu', feedback: 'In English.', issues: ['criterion: English'] };
    await new ClaudeExecutor().execute(makeTask(), { ...first(), attempt: 2, previous });
    const { prompt } = server().requests[0]!;
    for (const part of ['Name a colour.', 'bleu', 'In English.', 'criterion: English']) {
      expect(prompt).toContain(part);
    }
    expect(server().violations).toEqual([]);
  });

  test('keeps what there is of a cut answer, and why it ended', async () => {
    server().next(cutShort('half of it'));
    expect(await new ClaudeExecutor().execute(makeTask(), first())).toMatchObject({
      success: false,
      output: 'half of it',
      metadata: { model: 'claude-sonnet-5-5', stopReason: 'max_tokens' },
    });
  });

  test.each([
    ['no answer begins', silence, 150],
    ['the body stalls', stalledBody, 0],
  ])('counts an attempt whose deadline is over when %s', async (_, reply, silentMs) => {
    server().next(reply());
    const result = failure(await new ClaudeExecutor({ timeoutMs: 150 }).execute(makeTask(), first()));
    expect(result.error).toEqual({ kind: 'failed', message: 'no whole answer within 0.15 s', silentMs });
  });

  test('does not count an attempt that is aborted in flight', async () => {
    const controller = new AbortController();
    server().next(silence());
    const execution = new ClaudeExecutor().execute(makeTask(), first(controller.signal));
    await server().received(1);
    controller.abort();
    expect(failure(await execution).error.kind).toBe('transient');
  });

  test('sets aside the most that the call may cost before it is sent, and settles what it did cost', async () => {
    const { budget, log } = recordingBudget();
    server().handle(() => {
      log.push('sent');
      return message({ text: 'blue' });
    });
    await new ClaudeExecutor({ maxTokens: 4096 }).execute(makeTask(), { ...first(), budget });
    const { body, prompt: content } = server().requests[0]!;
    const known = { model: 'claude-sonnet-5-5', maxTokens: 4096, system: String(body.system) };
    const worst = worstCaseUsd({ ...known, content }, LIST);
    expect(log).toEqual([['reserve', worst], 'sent', ['settle', 0.00007]]);
  });

  test('sends nothing that there is no money for', async () => {
    const budget: Budget = { reserve: async () => ({ refused: 'no money', kind: 'permanent' }) };
    const result = failure(await new ClaudeExecutor().execute(makeTask(), { ...first(), budget }));
    expect(result.error).toEqual({ kind: 'permanent', message: 'no money' });
    expect(server().requests).toEqual([]);
  });

  test('gives back what waits for its turn, and not what has been sent', async () => {
    const end = new AbortController();
    const ask = () => new ClaudeExecutor().execute(makeTask(), { ...first(), givingBack: end.signal });
    server().handle(() => {
      end.abort();
      return message({ text: 'blue' });
    });
    expect(await ask()).toMatchObject({ success: true });
    expect(failure(await ask()).error.kind).toBe('transient');
    expect(server().requests).toHaveLength(1);
  });

  test.each([
    { maxTokens: 0 },
    { maxTokens: 1.5 },
    { maxTokens: 128_001 },
    { system: ' ' },
    { retryPrompt: '' },
    { model: '' },
    { escalate: [' '] },
    { timeoutMs: -1 },
    { timeoutMs: Number.NaN },
  ])('refuses %j', (options) => {
    expect(() => new ClaudeExecutor(options)).toThrow(
      expect.toSatisfy((error) => isOrchError(error, 'usage')),
    );
  });
});
