import { expect, test } from 'vitest';
import { cut, cutStart, oneLine } from '../../src/model/text.ts';

test('one line has single blanks and no control characters', () => {
  expect(oneLine(' a\r\n b\t\u001b[31mc\u0000 ')).toBe('a b [31mc');
});

test('what is cut has as many characters as it may, and an ellipsis where something is gone', () => {
  expect([cut('abcd', 4), cut('abcde', 4)]).toEqual(['abcd', 'abc…']);
  expect([cutStart('abcd', 4), cutStart('abcde', 4)]).toEqual(['abcd', '…cde']);
});

test('no half of a surrogate pair stays', () => {
  expect(cut('a𝄞bc', 3)).toBe('a\ufffd…');
  expect(cutStart('ab𝄞c', 3)).toBe('…\ufffdc');
});
