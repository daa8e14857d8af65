import { describe, expect, test } from 'vitest';
import { createTokenCounter } from '../../src/claude/count-tokens.ts';
import { createModelLookUp } from '../../src/claude/look-up-model.ts';
import { EFFORTS } from '../../src/claude/models.ts';
import { ClaudeExecutor, type ClaudeExecutorOptions } from '../../src/executors/claude/claude-executor.ts';
import { ClaudeVerifier } from '../../src/verifiers/claude/claude-verifier.ts';
import { VERDICT_SCHEMA } from '../../src/verifiers/claude/verdict.ts';
import { mostTokensOf } from '../support/claude-model-rules.ts';
import { htmlPage } from '../support/claude-replies.ts';
import { useFaultServer } from '../support/claude-setup.ts';
import { makeTask } from '../support/task.ts';

const server = useFaultServer();

/** Every model that can still be asked in November 2026, as the SDK's types and the documentation list them. */
const MODELS = [
  ...['claude-fable-5-2', 'claude-fable-5-1', 'claude-fable-5', 'claude-mythos-5-2', 'claude-mythos-5-1'],
  ...['claude-mythos-5', 'claude-mythos-preview', 'claude-opus-5-5', 'claude-opus-5', 'claude-opus-4-8'],
  ...['claude-opus-4-7', 'claude-opus-4-6', 'claude-opus-4-5', 'claude-opus-4-5-20251101'],
  ...['claude-sonnet-5-5', 'claude-sonnet-5', 'claude-sonnet-4-6', 'claude-sonnet-4-5', 'claude-haiku-5-5'],
  ...['claude-sonnet-4-5-20250929', 'claude-haiku-4-5', 'claude-haiku-4-5-20251001'],
];

/** Each effort, and each limit of tokens at which something changes. */
const waysOf = (model: string): ClaudeExecutorOptions[] => [
  ...[undefined, ...EFFORTS].map((effort) => ({ effort })),
  ...[1, 21_333, 21_334, mostTokensOf(model)].map((maxTokens) => ({ maxTokens, effort: 'max' as const })),
];
const LONG = 'Be brief. '.repeat(2_000);
const { signal } = new AbortController();

/** The documentation refuses sampling parameters, forced tools, prefill, and much by model; none of it is ever asked for. */
describe.each(MODELS)('%s is asked for nothing that it refuses', (model) => {
  test('by the executor', async () => {
    const task = makeTask({ criteria: 'Blue.\nBright.' });
    const previous = { output: 'red', feedback: 'Not blue.', issues: ['[1] Blue.'] };
    for (const way of waysOf(model)) {
      for (const system of [undefined, LONG]) {
        const executor = new ClaudeExecutor({ model, ...way, system });
        const result = await executor.execute(task, { attempt: 2, signal, previous, rejections: 1 });
        expect(result).toMatchObject({ success: true });
      }
    }
    expect(server().violations).toEqual([]);
  });

  test('by the verifier', async () => {
    for (const way of waysOf(model)) {
      for (const system of [undefined, LONG]) {
        const verifier = new ClaudeVerifier({ model, ...way, system });
        const verification = await verifier.verify(makeTask(), { success: true, output: 'blue' }, { signal });
        expect(verification).toMatchObject({ passed: true });
      }
    }
    expect(server().violations).toEqual([]);
  });

  test('with more tokens than it gives, by nobody', () => {
    const tooMany = { model, maxTokens: mostTokensOf(model) + 1 };
    expect(() => new ClaudeExecutor(tooMany)).toThrow('maxTokens');
    expect(() => new ClaudeExecutor({ ...tooMany, model: 'claude-sonnet-5-5', escalate: [model] })).toThrow();
    expect(() => new ClaudeVerifier(tooMany)).toThrow('maxTokens');
  });

  test('by the look-up', async () => {
    expect(await createModelLookUp(10_000)(model)).toHaveProperty('facts');
    server().handleModels(() => htmlPage(404));
    expect(await createModelLookUp(10_000)(model)).toHaveProperty('facts');
    expect(server().violations).toEqual([]);
  });

  test('by the count of tokens', async () => {
    const count = createTokenCounter(signal);
    for (const { effort, maxTokens = 8192 } of waysOf(model)) {
      for (const system of [undefined, LONG]) {
        const request = { model, maxTokens, effort, system, content: 'hi', schema: VERDICT_SCHEMA };
        expect(await count(request)).toBe(100);
      }
    }
    expect(server().violations).toEqual([]);
  });
});
