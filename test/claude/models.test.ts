import { expect, test } from 'vitest';
import { type Effort, effortFor, longestAnswer, undated } from '../../src/claude/models.ts';

test.each([
  ['claude-haiku-4-5-20251001', 'claude-haiku-4-5'],
  ['claude-haiku-4-5', 'claude-haiku-4-5'],
  ['claude-sonnet-5-5', 'claude-sonnet-5-5'],
])('the undated name of %s is %s', (model, name) => {
  expect(undated(model)).toBe(name);
});

test.each([
  ['claude-haiku-4-5-20251001', 64_000],
  ['claude-opus-4-5', 64_000],
  ['claude-sonnet-4-5', 64_000],
  ['claude-sonnet-4-6', 128_000],
  ['claude-haiku-5-5', 128_000],
  ['some-model-of-a-gateway', 128_000],
])('%s answers with at most %i tokens', (model, most) => {
  expect(longestAnswer(model)).toBe(most);
});

test.each([
  'claude-sonnet-5-5',
  'claude-sonnet-5',
  'claude-sonnet-4-6',
  'claude-haiku-5-5',
  'claude-opus-4-5-20251101',
  'claude-opus-5-5',
  'claude-fable-5-2',
  'some-model-of-a-gateway',
])('%s takes effort', (model) => {
  expect(effortFor(model, 'low')).toBe('low');
});

test.each([
  'claude-haiku-4-5',
  'claude-haiku-4-5-20251001',
  'claude-sonnet-4-5-20250929',
  'claude-sonnet-4-20250514',
  'claude-sonnet-4-0',
  'claude-opus-4-1-20250805',
  'claude-3-7-sonnet-latest',
  'claude-2.1',
])('%s does not take effort', (model) => {
  expect(effortFor(model, 'low')).toBeUndefined();
});

test.each<[string, Effort, Effort]>([
  ['claude-sonnet-5-5', 'xhigh', 'xhigh'],
  ['claude-haiku-5-5', 'max', 'max'],
  ['claude-opus-4-7', 'xhigh', 'xhigh'],
  ['claude-sonnet-4-6', 'xhigh', 'high'],
  ['claude-sonnet-4-6', 'max', 'max'],
  ['claude-opus-4-6', 'xhigh', 'high'],
  ['claude-opus-4-5-20251101', 'max', 'high'],
  ['claude-opus-4-5', 'medium', 'medium'],
  ['some-model-of-a-gateway', 'max', 'max'],
])('%s is asked for effort %s with %s', (model, wanted, effort) => {
  expect(effortFor(model, wanted)).toBe(effort);
});
