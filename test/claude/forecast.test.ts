import { expect, test } from 'vitest';
import { estimatedTokens, forecast } from '../../src/claude/forecast.ts';
import { LIST } from '../../src/claude/prices.ts';
import { worstCaseUsd } from '../../src/claude/worst-case.ts';

const request = { model: 'claude-sonnet-5-5', maxTokens: 1_000, content: 'x'.repeat(300) };

test('prompts are reckoned by their length, or as somebody has counted them', () => {
  expect(estimatedTokens({ ...request, system: 'é' })).toBe(101);
  expect(forecast([{ request, times: 1 }], LIST).inputTokens).toBe(100);
  expect(forecast([{ request, inputTokens: 77, times: 1 }], LIST).inputTokens).toBe(77);
});

test('what is likely goes by the answers so far, what is most by all attempts and the longest answers', () => {
  const plan = [
    { request, times: 3 },
    { request: { ...request, model: 'claude-haiku-4-5' }, times: 2 },
  ];
  const sonnet = (100 * 2 + 400 * 10) / 1e6;
  const haiku = (100 * 1 + 400 * 5) / 1e6;
  const worst = (model: string) => worstCaseUsd({ ...request, model }, LIST) ?? 0;
  expect(forecast(plan, LIST, 400)).toEqual({
    calls: 2,
    inputTokens: 200,
    likelyUsd: expect.closeTo(sonnet + haiku, 10),
    mostUsd: expect.closeTo(3 * worst('claude-sonnet-5-5') + 2 * worst('claude-haiku-4-5'), 10),
  });
});

test('answers longer than allowed there will not be', () => {
  expect(forecast([{ request, times: 1 }], LIST, 9_000).likelyUsd).toBeCloseTo(
    (100 * 2 + 1_000 * 10) / 1e6,
    10,
  );
});

test('without answers so far nothing is likely, and without a price nothing is known', () => {
  expect(forecast([{ request, times: 1 }], LIST)).not.toHaveProperty('likelyUsd');
  const unknown = { ...request, model: 'new' };
  expect(
    forecast(
      [
        { request, times: 1 },
        { request: unknown, times: 1 },
      ],
      LIST,
      10,
    ),
  ).toEqual({
    calls: 2,
    inputTokens: 200,
  });
});
