import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { width } from '../../src/cli/width.ts';
import { fitted, joined, unbroken, wrapped } from '../../src/cli/wrap.ts';

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

test('a command to be typed is broken nowhere, whatever its length', () => {
  const command = unbroken('orch show task-001 --full');
  expect(wrapped(`See ${command} for more`, 20)).toEqual(['See', 'orch show task-001 --full', 'for more']);
  expect(wrapped(`See ${command} for more`, 33)).toEqual(['See orch show task-001 --full for', 'more']);
  expect(wrapped(command, Infinity)).toEqual(['orch show task-001 --full']);
});

test('colours take no room, and stay whole', () => {
  const [bold, end] = ['\u001b[1m', '\u001b[22m'];
  expect(wrapped(`${bold}one two${end} three`, 7)).toEqual([`${bold}one two${end}`, 'three']);
  expect(wrapped(`${bold}abcdef${end} x`, 4)).toEqual([`${bold}abcd`, `ef${end} x`]);
});

describe('lines that are made to fit', () => {
  test('go on below their beginning: behind the blanks, and behind the sign of an item', () => {
    expect(fitted(['  one two three', '', '- one two three', '  ✓ one two three'], 10)).toEqual([
      ...['  one two', '  three', '', '- one two', '  three', '  ✓ one', '    two', '    three'],
    ]);
  });

  test('keep what fits as it is, blanks included, and all of it where there is no screen', () => {
    const lines = ['a  b   c', '\ttab', '   '];
    expect(fitted(lines, Infinity)).toEqual(lines);
    expect(fitted(['a  b   c', '   '], 8)).toEqual(['a  b   c', '   ']);
  });

  test('count a tab as the terminal shows it', () => {
    expect(fitted(['ab\tcd ef'], 12)).toEqual(['ab      cd', 'ef']);
  });

  test('have room behind any blanks', () => {
    expect(fitted([`${' '.repeat(30)}one two`], 20)).toEqual([`${' '.repeat(12)}one two`]);
  });
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
