import { expect, test } from 'vitest';
import type { ClaudeRequest } from '../../src/claude/ask.ts';
import { estimatedTokens, forecast } from '../../src/claude/forecast.ts';
import { LIST } from '../../src/claude/prices.ts';
import { worstCaseUsd } from '../../src/claude/worst-case.ts';

const at = (model: string, moreBytes = 0) => ({ model, moreBytes });
const once = (request: ClaudeRequest) => ({ request, atWorst: [at(request.model)] });
const request = { model: 'claude-sonnet-5-5', maxTokens: 1_000, content: 'x'.repeat(300) };

test('prompts are reckoned by their length, or as somebody has counted them', () => {
  expect(estimatedTokens({ ...request, system: 'é' })).toBe(101);
  expect(estimatedTokens({ ...request, schema: { a: 'x'.repeat(22) } })).toBe(110);
  expect(forecast([once(request)], LIST).inputTokens).toBe(100);
  expect(forecast([{ ...once(request), inputTokens: 77 }], LIST).inputTokens).toBe(77);
});

test('what is likely goes by the answers so far, what is most by all attempts and the longest answers', () => {
  const plan = [
    { request, atWorst: [at('claude-sonnet-5-5'), at('claude-sonnet-5-5', 50), at('claude-opus-5-5', 50)] },
    once({ ...request, model: 'claude-haiku-4-5' }),
  ];
  const sonnet = (100 * 2 + 400 * 10) / 1e6;
  const haiku = (100 * 1 + 400 * 5) / 1e6;
  const worst = (model: string, moreBytes = 0) => worstCaseUsd({ ...request, model }, LIST, moreBytes) ?? 0;
  expect(forecast(plan, LIST, 400)).toEqual({
    calls: 2,
    inputTokens: 200,
    likelyUsd: expect.closeTo(sonnet + haiku, 10),
    mostUsd: expect.closeTo(
      worst('claude-sonnet-5-5') +
        worst('claude-sonnet-5-5', 50) +
        worst('claude-opus-5-5', 50) +
        worst('claude-haiku-4-5'),
      10,
    ),
  });
});

test('answers longer than allowed there will not be', () => {
  expect(forecast([once(request)], LIST, 9_000).likelyUsd).toBeCloseTo((100 * 2 + 1_000 * 10) / 1e6, 10);
});

test('without answers so far nothing is likely, and without a price nothing is known', () => {
  expect(forecast([once(request)], LIST)).not.toHaveProperty('likelyUsd');
  const unknown = { ...request, model: 'new' };
  expect(forecast([once(request), once(unknown)], LIST, 10)).toEqual({
    calls: 2,
    inputTokens: 200,
  });
});
