import { describe, expect, test } from 'vitest';
import { LIST } from '../../../src/claude/prices.ts';
import { worstCaseUsd } from '../../../src/claude/worst-case.ts';
import { isOrchError } from '../../../src/model/errors.ts';
import type { Budget } from '../../../src/ports/budget.ts';
import { ClaudeVerifier } from '../../../src/verifiers/claude/claude-verifier.ts';
import { JUDGE_RULES } from '../../../src/verifiers/claude/judge-rules.ts';
import { VERDICT_SCHEMA } from '../../../src/verifiers/claude/verdict.ts';
import { message, silence, stalledBody, verdict } from '../../support/claude-replies.ts';
import { useFaultServer } from '../../support/claude-setup.ts';
import { recordingBudget } from '../../support/recording-budget.ts';
import { makeTask } from '../../support/task.ts';

const server = useFaultServer();
const EXECUTION = { success: true, output: 'blue' } as const;
/** Who judged, or tried to. */
const JUDGE = { model: 'claude-sonnet-5-5', prompt: expect.stringMatching(/^[0-9a-f]{12}$/) };
const USAGE = { inputTokens: 10, outputTokens: 5, costUsd: 0.00007 };

function verify(options = {}, signal = new AbortController().signal) {
  return new ClaudeVerifier(options).verify(makeTask({ criteria: 'Warm.' }), EXECUTION, { signal });
}

describe('the Claude verifier', () => {
  test.each([true, false])('gives the verdict and what it cost: %s', async (passed) => {
    const parts = {
      passed,
      confidence: 0.75,
      feedback: 'Warm?',
      issues: passed ? [] : ['Warm: blue is cold'],
    };
    server().next(verdict(parts));
    expect(await verify()).toEqual({ ...parts, usage: USAGE, metadata: JUDGE });
  });

  test('finds the verdict behind the thinking', async () => {
    const text = JSON.stringify({ passed: true, confidence: 1, feedback: '', issues: [] });
    server().next(message({ thinking: '{"passed": false}', text }));
    expect(await verify()).toMatchObject({ passed: true });
  });

  test('asks with its defaults, in a request that the API accepts', async () => {
    await verify();
    const { body, prompt } = server().requests[0]!;
    expect(body).toEqual({
      model: 'claude-sonnet-5-5',
      max_tokens: 8192,
      system: expect.stringContaining('You judge'),
      messages: [{ role: 'user', content: prompt }],
      output_config: { effort: 'low', format: { type: 'json_schema', schema: VERDICT_SCHEMA } },
    });
    for (const part of ['Name a colour.', 'Warm.', 'blue']) expect(prompt).toContain(part);
    expect(server().violations).toEqual([]);
  });

  test('takes model, effort and limit of tokens from its options', async () => {
    await verify({ model: 'claude-opus-5-5', effort: 'high', maxTokens: 4096 });
    expect(server().requests[0]?.body).toMatchObject({
      model: 'claude-opus-5-5',
      max_tokens: 4096,
      output_config: { effort: 'high' },
    });
  });

  test('judges as it is told to, by the same rules on what is data', async () => {
    const own = await verify({ system: 'Judge gently.' });
    expect(server().requests[0]?.body.system).toBe(`Judge gently.\n\n${JUDGE_RULES}`);
    expect(own).not.toMatchObject({ metadata: ((await verify()) as { metadata: object }).metadata });
  });

  test('leaves the effort out for a model that does not take it', async () => {
    expect(await verify({ model: 'claude-haiku-4-5' })).toMatchObject({ passed: true });
    expect(server().requests[0]?.body.output_config).not.toHaveProperty('effort');
    expect(server().violations).toEqual([]);
  });

  test.each([
    ['prose', 'It passed.'],
    ['a verdict cut short', '{"passed": true'],
    ['a verdict that is too sure', '{"passed":true,"confidence":2,"feedback":"","issues":[]}'],
    ['a verdict against itself', '{"passed":true,"confidence":1,"feedback":"","issues":["no"]}'],
    ['a verdict with more in it', '{"passed":true,"confidence":1,"feedback":"","issues":[],"x":1}'],
  ])('could not tell from %s, which is paid for', async (_, text) => {
    server().next(message({ text }));
    expect(await verify()).toEqual({
      inconclusive: true,
      reason: expect.stringContaining("the judge's"),
      usage: USAGE,
      metadata: JUDGE,
    });
  });

  test('could not tell from a whole verdict that was cut at max_tokens', async () => {
    const text = JSON.stringify({ passed: true, confidence: 1, feedback: '', issues: [] });
    server().next(message({ text, stopReason: 'max_tokens' }));
    expect(await verify()).toMatchObject({ inconclusive: true, usage: USAGE });
  });

  test.each([
    ['no answer begins', silence, 150],
    ['the body stalls', stalledBody, 0],
  ])('could not tell by its deadline when %s', async (_, reply, silentMs) => {
    server().next(reply());
    expect(await verify({ timeoutMs: 150 })).toEqual({
      inconclusive: true,
      reason: 'no whole answer within 0.15 s',
      silentMs,
      metadata: JUDGE,
    });
  });

  test('ends when it is aborted in flight', async () => {
    const controller = new AbortController();
    server().next(silence());
    const verification = verify({}, controller.signal);
    await server().received(1);
    controller.abort();
    expect(await verification).toEqual({
      error: { kind: 'transient', message: 'the call was aborted' },
      metadata: JUDGE,
    });
  });

  test('sets aside the most that the call may cost before it is sent, and settles what it did cost', async () => {
    const { budget, log } = recordingBudget();
    server().handle(() => {
      log.push('sent');
      return verdict({ passed: true });
    });
    const { signal } = new AbortController();
    await new ClaudeVerifier({ maxTokens: 4096 }).verify(makeTask(), EXECUTION, { signal, budget });
    const { body, prompt: content } = server().requests[0]!;
    const known = { model: 'claude-sonnet-5-5', maxTokens: 4096, system: String(body.system) };
    const worst = worstCaseUsd({ ...known, content, schema: VERDICT_SCHEMA }, LIST);
    expect(log).toEqual([['reserve', worst], 'sent', ['settle', USAGE.costUsd]]);
  });

  test('sends nothing that there is no money for', async () => {
    const budget: Budget = { reserve: async () => ({ refused: 'no money', kind: 'transient' }) };
    const { signal } = new AbortController();
    expect(await new ClaudeVerifier().verify(makeTask(), EXECUTION, { signal, budget })).toMatchObject({
      error: { kind: 'transient', message: 'no money' },
    });
    expect(server().requests).toEqual([]);
  });

  test('gives back what waits for its turn, and not what has been sent', async () => {
    const { signal } = new AbortController();
    const end = new AbortController();
    const ask = () => new ClaudeVerifier().verify(makeTask(), EXECUTION, { signal, givingBack: end.signal });
    server().handle(() => {
      end.abort();
      return verdict({ passed: true });
    });
    expect(await ask()).toMatchObject({ passed: true });
    expect(await ask()).toMatchObject({ error: { kind: 'transient' } });
    expect(server().requests).toHaveLength(1);
  });

  test.each([{ maxTokens: 0 }, { maxTokens: 128_001 }, { system: '' }, { model: ' ' }, { timeoutMs: -1 }])(
    'refuses %j',
    (options) => {
      expect(() => new ClaudeVerifier(options)).toThrow(
        expect.toSatisfy((error) => isOrchError(error, 'usage')),
      );
    },
  );
});
