import fc from 'fast-check';
import { expect, test } from 'vitest';
import { width } from '../../src/cli/width.ts';
import { joined, wrapped } from '../../src/cli/wrap.ts';

test('breaks between words, and indents what follows', () => {
  expect(wrapped('one two three four', 9, '  ')).toEqual(['one two', '  three', '  four']);
  expect(wrapped('one two', Infinity)).toEqual(['one two']);
  expect(wrapped('', 10)).toEqual(['']);
});

test('joins facts, and breaks between them where it can', () => {
  const facts = ['3 of 10 done', '1 failed', '20s'];
  expect(joined(facts, Infinity)).toEqual(['3 of 10 done, 1 failed, 20s']);
  expect(joined(facts, 22, '  ')).toEqual(['3 of 10 done,', '  1 failed, 20s']);
  expect(joined(facts, 17)).toEqual(['3 of 10 done,', '1 failed, 20s']);
  expect(joined(facts, 9, '  ')).toEqual(['3 of 10', '  done, 1', '  failed,', '  20s']);
  expect(joined([], 10)).toEqual(['']);
});

test('breaks a word that fills more than a line, wide characters by their columns', () => {
  expect(wrapped('a abcdefgh b', 5, ' ')).toEqual(['a', ' abcd', ' efgh', ' b']);
  expect(wrapped('漢字漢字漢', 4)).toEqual(['漢字', '漢字', '漢']);
});

test('no line is wider than the screen, and no character is lost', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '🌍', ' ', '-'), maxLength: 60 });
  fc.assert(
    fc.property(text, fc.integer({ min: 6, max: 40 }), (words, columns) => {
      const lines = wrapped(words, columns, '  ');
      expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(columns);
      const bare = (value: string) => value.replaceAll(' ', '');
      expect(bare(lines.join(''))).toBe(bare(words));
    }),
  );
});
