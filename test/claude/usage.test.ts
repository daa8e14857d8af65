import { describe, expect, test } from 'vitest';
import { toUsage } from '../../src/claude/usage.ts';

const SONNET = 'claude-sonnet-5-5';

describe('usage', () => {
  test('takes over the counts and reckons the cost', () => {
    expect(toUsage(SONNET, { input_tokens: 1000, output_tokens: 500 })).toEqual({
      inputTokens: 1000,
      outputTokens: 500,
      costUsd: 0.007,
    });
  });

  test('keeps cache reads and writes apart from uncached input', () => {
    const usage = toUsage(SONNET, {
      input_tokens: 10,
      output_tokens: 0,
      cache_read_input_tokens: 1000,
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
    });
    expect(usage).toMatchObject({ inputTokens: 10, cacheReadTokens: 1000, cacheWriteTokens: 300 });
    expect(usage.costUsd).toBeCloseTo((10 * 2 + 1000 * 0.2 + 200 * 2.5 + 100 * 4) / 1e6, 12);
  });

  test('counts thinking as the output that it is, once', () => {
    const thought = { input_tokens: 0, output_tokens: 500, output_tokens_details: { thinking_tokens: 400 } };
    expect(toUsage(SONNET, thought)).toEqual({ inputTokens: 0, outputTokens: 500, costUsd: 0.005 });
  });

  test('takes writes of no stated time for 5 minutes', () => {
    expect(toUsage(SONNET, { cache_creation_input_tokens: 1000 }).costUsd).toBeCloseTo(0.0025, 12);
  });

  test('counts writes that only the parts tell of', () => {
    expect(toUsage(SONNET, { cache_creation: { ephemeral_1h_input_tokens: 5 } }).cacheWriteTokens).toBe(5);
  });

  test('takes what is absent or null for nothing', () => {
    const absent = { inputTokens: 0, outputTokens: 0, costUsd: 0 };
    expect(toUsage(SONNET, {})).toEqual(absent);
    expect(toUsage(SONNET, { cache_creation: null, cache_read_input_tokens: null })).toEqual(absent);
  });

  test.each(['10', Number.POSITIVE_INFINITY, Number.NaN, -5, {}, true])(
    'takes %s, which is no count, for 0',
    (odd) => {
      const nothing = { inputTokens: 0, outputTokens: 0, costUsd: 0 };
      expect(toUsage(SONNET, { input_tokens: odd, output_tokens: odd })).toEqual(nothing);
      const cache = { cache_read_input_tokens: odd, cache_creation_input_tokens: odd };
      expect(toUsage(SONNET, cache)).toEqual(nothing);
      const parts = { ephemeral_5m_input_tokens: odd, ephemeral_1h_input_tokens: odd };
      expect(toUsage(SONNET, { cache_creation: parts })).toEqual(nothing);
      expect(toUsage(SONNET, { cache_creation: odd })).toEqual(nothing);
    },
  );

  test('has no cost where the price is not known', () => {
    expect(toUsage('claude-next', { input_tokens: 5 })).toEqual({ inputTokens: 5, outputTokens: 0 });
    expect(toUsage(SONNET, { input_tokens: 5, speed: 'fast' })).toEqual({ inputTokens: 5, outputTokens: 0 });
  });

  test('adds a tenth for inference in the US alone', () => {
    expect(toUsage(SONNET, { input_tokens: 1_000_000, inference_geo: 'us' }).costUsd).toBeCloseTo(2.2, 10);
  });
});
