import { expect, test } from 'vitest';
import type { Answer } from '../../src/claude/ask.ts';
import { isLost } from '../../src/claude/lost.ts';
import { withinBudget } from '../../src/claude/within-budget.ts';
import type { Budget } from '../../src/ports/budget.ts';
import { recordingBudget } from '../support/recording-budget.ts';

const signal = new AbortController().signal;

const priced: Answer = {
  ok: true,
  text: 'x',
  stopReason: 'end_turn',
  model: 'm',
  usage: { inputTokens: 1, outputTokens: 1, costUsd: 0.25 },
};
const failed = (extra: Partial<Answer>): Answer =>
  ({ ok: false, failure: { kind: 'transient', message: 'no' }, ...extra }) as Answer;

test.each([
  ['an answer costs what it says', priced, 0.25],
  ['a cut answer too', failed({ usage: { inputTokens: 1, outputTokens: 1, costUsd: 0.1 } }), 0.1],
  ['one without a price is unknown', { ...priced, usage: { inputTokens: 1, outputTokens: 1 } }, undefined],
  [
    'one that does not tell its usage counts as dear as it could have been',
    { ...priced, usage: undefined },
    2,
  ],
  ['a refused call costs nothing', failed({}), 0],
  ['a lost answer counts as dear as it could have been', failed({ isLost: true }), 2],
])('%s', async (_, answer, cost) => {
  const { budget, log } = recordingBudget();
  expect(await withinBudget(budget, 2, signal, async () => answer as Answer)).toBe(answer);
  expect(log).toEqual([
    ['reserve', 2],
    ['settle', cost],
  ]);
});

test('what throws is settled too', async () => {
  const { budget, log } = recordingBudget();
  const thrown = withinBudget(budget, 2, signal, async () => {
    throw new Error('a defect');
  });
  await expect(thrown).rejects.toThrow('a defect');
  expect(log.at(-1)).toEqual(['settle', 2]);
});

test('a call that may not be made is not made', async () => {
  const budget: Budget = { reserve: async () => ({ refused: 'no money', kind: 'transient' }) };
  const answer = await withinBudget(budget, 2, signal, () => {
    throw new Error('it was made');
  });
  expect(answer).toEqual({ ok: false, failure: { kind: 'transient', message: 'no money' } });
});

test.each([
  [{ name: 'TimeoutError' }, true],
  [{ name: 'AbortError' }, true],
  [{ name: 'APIConnectionError', cause: { code: 'ECONNRESET' } }, true],
  [{ name: 'TypeError', message: 'terminated' }, true],
  [{ name: 'APIConnectionError', cause: { code: 'ECONNREFUSED' } }, false],
  [{ name: 'APIConnectionError', cause: { code: 'ENOTFOUND' } }, false],
  [{ name: 'RateLimitError', status: 429 }, false],
  [{ name: 'OverloadedError', status: 529 }, false],
  [{ name: 'InternalServerError', status: 500 }, true],
  [{ name: 'GatewayTimeoutError', status: 504 }, true],
  [{ name: 'InternalServerError', status: 524 }, true],
  [{ name: 'InternalServerError', status: 521 }, false],
])('whether %j may have been billed: %s', (error, lost) => {
  expect(isLost(error, { kind: 'transient', message: '' })).toBe(lost);
  expect(isLost(error, { kind: 'fatal', message: '' })).toBe(false);
});
