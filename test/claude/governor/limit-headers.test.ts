import { expect, test } from 'vitest';
import { readLimits } from '../../../src/claude/governor/limit-headers.ts';

const prefix = 'anthropic-ratelimit-';

test('reads the three limits of the asked model, and no others', () => {
  const headers = new Headers({
    [`${prefix}requests-limit`]: '1000',
    [`${prefix}requests-remaining`]: '999',
    [`${prefix}requests-reset`]: '2026-11-22T10:00:00Z',
    [`${prefix}input-tokens-limit`]: '2000000',
    [`${prefix}input-tokens-remaining`]: '1998000',
    [`${prefix}output-tokens-limit`]: '400000',
    [`${prefix}output-tokens-remaining`]: '0',
    [`${prefix}tokens-limit`]: '1',
    'anthropic-priority-input-tokens-limit': '2',
    'anthropic-fast-requests-limit': '3',
  });
  expect(readLimits(headers)).toEqual({
    requests: { perMinute: 1000, left: 999 },
    inputTokens: { perMinute: 2_000_000, left: 1_998_000 },
    outputTokens: { perMinute: 400_000, left: 0 },
  });
});

test.each([undefined, '', ' ', 'many', 'NaN', 'Infinity', '-5', '0', '0.5'])(
  'a limit of %j is none',
  (limit) => {
    const headers = new Headers({ [`${prefix}requests-remaining`]: '7' });
    if (limit !== undefined) headers.set(`${prefix}requests-limit`, limit);
    expect(readLimits(headers)).toEqual({});
  },
);

test.each([undefined, '', 'some', '-1', 'Infinity'])('a remainder of %j is not told', (left) => {
  const headers = new Headers({ [`${prefix}requests-limit`]: '60' });
  if (left !== undefined) headers.set(`${prefix}requests-remaining`, left);
  expect(readLimits(headers)).toEqual({ requests: { perMinute: 60 } });
});

test('no more is left than the limit', () => {
  const headers = new Headers({
    [`${prefix}requests-limit`]: '60',
    [`${prefix}requests-remaining`]: '1e300',
  });
  expect(readLimits(headers)).toEqual({ requests: { perMinute: 60, left: 60 } });
});
