import { expect, test } from 'vitest';
import { paysToCache } from '../../src/claude/caching.ts';
import { createClaude } from '../../src/claude/client.ts';
import { EXECUTOR_SYSTEM } from '../../src/executors/claude/system-prompt.ts';
import { JUDGE_SYSTEM } from '../../src/verifiers/claude/judge-system.ts';
import { judgeSystem } from '../../src/verifiers/claude/prompt.ts';
import { useFaultServer } from '../support/claude-setup.ts';

const server = useFaultServer();

test.each([
  ['claude-sonnet-5-5', 512],
  ['claude-haiku-5-5', 512],
  ['claude-opus-5-5', 512],
  ['claude-opus-5', 512],
  ['claude-fable-5', 512],
  ['claude-fable-5-2', 512],
  ['claude-sonnet-5', 1024],
  ['claude-sonnet-4-6', 1024],
  ['claude-opus-4-8', 1024],
  ['claude-opus-4-6', 4096],
  ['claude-opus-4-5-20251101', 4096],
  ['claude-haiku-4-5-20251001', 4096],
  ['some-model-of-a-gateway', 1024],
])('%s caches from %i tokens on, of four bytes each', (model, tokens) => {
  expect(paysToCache(model, 'x'.repeat(tokens * 4))).toBe(true);
  expect(paysToCache(model, 'x'.repeat(tokens * 4 - 1))).toBe(false);
});

test('the built-in system prompts are shorter than that', () => {
  for (const prompt of [EXECUTOR_SYSTEM, judgeSystem(JUDGE_SYSTEM)]) {
    expect(paysToCache('claude-sonnet-5-5', prompt)).toBe(false);
  }
});

test.each([
  ['is marked where it is long enough', 2048, [{ cache_control: { type: 'ephemeral' } }]],
  ['is plain text where it is not', 2047, 's'.repeat(2047)],
])('a system prompt %s', async (_, length, expected) => {
  const request = { model: 'claude-sonnet-5-5', maxTokens: 100, system: 's'.repeat(length), content: 'Go.' };
  const { signal } = new AbortController();
  expect(await createClaude().ask(request, { signal, timeoutMs: 60_000 })).toMatchObject({ ok: true });
  const { system } = server().requests[0]!.body;
  if (typeof expected === 'string') expect(system).toBe(expected);
  else expect(system).toMatchObject([{ type: 'text', text: request.system, ...expected[0] }]);
  expect(server().violations).toEqual([]);
});
