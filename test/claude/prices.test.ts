import { describe, expect, test } from 'vitest';
import { LIST, type PricedTokens, PriceTable } from '../../src/claude/prices.ts';

const MILLION = 1_000_000;

function tokens(some: Partial<PricedTokens>): PricedTokens {
  return {
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    ...some,
  };
}

describe('the price', () => {
  test.each([
    ['claude-fable-5-2', 8, 40, 0.2, 10, 16],
    ['claude-fable-5-1', 10, 50, 0.25, 12.5, 20],
    ['claude-opus-5-5', 4, 20, 0.2, 5, 8],
    ['claude-opus-5', 5, 25, 0.5, 6.25, 10],
    ['claude-opus-4-5', 5, 25, 0.5, 6.25, 10],
    ['claude-sonnet-5-5', 2, 10, 0.2, 2.5, 4],
    ['claude-sonnet-4-6', 3, 15, 0.3, 3.75, 6],
    ['claude-haiku-4-5', 1, 5, 0.1, 1.25, 2],
  ])('of a million tokens of each kind by %s', (model, input, output, read, write5m, write1h) => {
    expect(LIST.costUsd(model, tokens({ inputTokens: MILLION }))).toBeCloseTo(input, 10);
    expect(LIST.costUsd(model, tokens({ outputTokens: MILLION }))).toBeCloseTo(output, 10);
    expect(LIST.costUsd(model, tokens({ cacheReadTokens: MILLION }))).toBeCloseTo(read, 10);
    expect(LIST.costUsd(model, tokens({ cacheWrite5mTokens: MILLION }))).toBeCloseTo(write5m, 10);
    expect(LIST.costUsd(model, tokens({ cacheWrite1hTokens: MILLION }))).toBeCloseTo(write1h, 10);
  });

  test('adds what each kind costs', () => {
    const all = tokens({
      inputTokens: 1000,
      outputTokens: 200,
      cacheReadTokens: 50_000,
      cacheWrite5mTokens: 4000,
      cacheWrite1hTokens: 300,
    });
    expect(LIST.costUsd('claude-sonnet-5-5', all)).toBeCloseTo(0.002 + 0.002 + 0.01 + 0.01 + 0.0012, 12);
  });

  test.each([
    ['at 100,000 tokens of prompt is the low one', { inputTokens: 100_000 }, 0.01],
    ['above is the high one, for all of them', { inputTokens: 100_001 }, 0.0500005],
    ['counts cached tokens toward it', { inputTokens: 1, cacheReadTokens: 100_000 }, 0.0050005],
    ['counts written tokens toward it', { cacheWrite5mTokens: 60_000, cacheWrite1hTokens: 60_000 }, 0.0975],
    ['does not count the answer toward it', { inputTokens: 1, outputTokens: 200_000 }, 0.1000001],
  ])('of Haiku 5.5 %s', (_, some, expected) => {
    expect(LIST.costUsd('claude-haiku-5-5', tokens(some))).toBeCloseTo(expected, 12);
  });

  test('of a dated model is that of its name', () => {
    expect(LIST.costUsd('claude-haiku-4-5-20251001', tokens({ inputTokens: MILLION }))).toBe(1);
  });

  test.each(['claude-mythos-5', 'claude-sonnet-6', 'gpt-7', 'toString', ''])(
    'of "%s" is unknown, not 0',
    (model) => {
      expect(LIST.costUsd(model, tokens({ inputTokens: 1 }))).toBeUndefined();
    },
  );
});

describe("a price of one's own", () => {
  const price = { input: 1, output: 2, cacheRead: 0, cacheWrite5m: 1, cacheWrite1h: 1 };

  test('comes before the list, with and without a date in the name', () => {
    const table = new PriceTable({
      'my-model': price,
      'claude-sonnet-5-5': price,
      'claude-opus-5-5-20260928': price,
    });
    expect(table.costUsd('my-model', tokens({ outputTokens: MILLION }))).toBe(2);
    expect(table.costUsd('claude-sonnet-5-5', tokens({ outputTokens: MILLION }))).toBe(2);
    expect(table.costUsd('claude-sonnet-5-5-20260928', tokens({ outputTokens: MILLION }))).toBe(2);
    expect(table.costUsd('claude-opus-5-5-20260928', tokens({ outputTokens: MILLION }))).toBe(2);
    expect(table.costUsd('claude-opus-5-5', tokens({ outputTokens: MILLION }))).toBe(20);
  });

  test.each(['__proto__', 'constructor', 'toString', ''])('there is none of %j', (name) => {
    expect(new PriceTable().knows(name)).toBe(false);
  });
});
