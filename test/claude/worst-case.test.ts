import { expect, test } from 'vitest';
import type { ClaudeRequest } from '../../src/claude/ask.ts';
import { LIST, PriceTable } from '../../src/claude/prices.ts';
import { maxTokensWithin, worstCaseUsd } from '../../src/claude/worst-case.ts';

const request: ClaudeRequest = { model: 'claude-sonnet-5-5', maxTokens: 8192, content: 'Say it.' };

test('counts a token for each byte that is sent, at the price of writing it to the cache, and a whole answer', () => {
  const schema = { type: 'object' };
  const bytes = 'System é'.length + 1 + 'Say it.'.length + JSON.stringify(schema).length;
  const usd = ((bytes + 2000) * 2.5 + 8192 * 10) / 1e6;
  expect(worstCaseUsd({ ...request, system: 'System é', schema }, LIST)).toBeCloseTo(usd * 1.1, 12);
});

test('a long prompt of a model with two prices is dear', () => {
  const long = { ...request, model: 'claude-haiku-5-5', content: 'x'.repeat(200_000) };
  expect(worstCaseUsd(long, LIST)).toBeCloseTo(((202_000 * 0.625 + 8192 * 2.5) / 1e6) * 1.1, 10);
});

test('is unknown where the price is', () => {
  expect(worstCaseUsd({ ...request, model: 'claude-new' }, LIST)).toBeUndefined();
});

test('the longest answer that fits below a cap does, and one more token does not', () => {
  for (const cap of [0.01, 0.05, 1]) {
    const most = maxTokensWithin(cap, request, LIST);
    expect(worstCaseUsd({ ...request, maxTokens: most }, LIST)).toBeLessThanOrEqual(cap);
    expect(worstCaseUsd({ ...request, maxTokens: most + 1 }, LIST)).toBeGreaterThan(cap);
  }
  expect(maxTokensWithin(0.001, request, LIST)).toBe(0);
});

test('one whose prompt grows with the answers fits with all of it, also where a long prompt is dearer', () => {
  const content = 'x'.repeat(97_000);
  for (const model of ['claude-sonnet-5-5', 'claude-haiku-5-5']) {
    const judge = { ...request, model, content };
    const at = (maxTokens: number) => worstCaseUsd({ ...judge, maxTokens }, LIST, 4 * maxTokens) ?? 0;
    const cap = at(200);
    const most = maxTokensWithin(cap, judge, LIST, 4);
    expect(at(most)).toBeLessThanOrEqual(cap);
    expect(at(most + 1)).toBeGreaterThan(cap);
  }
});

test("goes by the dearest kind of token, whatever prices of one's own say", () => {
  const price = { input: 1000, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
  const own = new PriceTable({ own: price });
  const usd = ((7 + 2000) * 1000 + 8192) / 1e6;
  expect(worstCaseUsd({ ...request, model: 'own' }, own)).toBeCloseTo(usd * 1.1, 8);
});
