import { expect, test } from 'vitest';
import { patternOf } from '../../src/model/pattern.ts';

test.each([
  ['^\\d+$', '12', true],
  ['^\\d+$', '12 a', false],
  ['yes', 'well, yes', true],
  ['yes', 'YES', false],
  ['/^yes$/im', 'no\nYES\nno', true],
  ['/a.b/s', 'a\nb', true],
  ['\\p{Lu}', 'Ä', true],
  ['/[\\p{L}--[a-z]]/v', 'ä', true],
  ['/[\\p{L}--[a-z]]/v', 'a', false],
  ['/', 'a/b', true],
])('%s in %j: %s', (text, subject, found) => {
  expect(patternOf(text).test(subject)).toBe(found);
});

test.each(['(', '[z-a]', '\\-', '/a/g', '/a/y', '/a/uv', '/a/ii', '/usr/bin', '*'])(
  '%s is no regular expression, and is named',
  (text) => {
    expect(() => patternOf(text)).toThrow(`${JSON.stringify(text)} is no regular expression (`);
  },
);

test('the same pattern says the same each time', () => {
  const pattern = patternOf('a');
  expect([1, 2, 3].map(() => pattern.test('a'))).toEqual([true, true, true]);
});
