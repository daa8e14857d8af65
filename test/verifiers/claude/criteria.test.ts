import { expect, test } from 'vitest';
import { numbered } from '../../../src/verifiers/claude/criteria.ts';

test.each([
  ['a single criterion as it is', 'It rhymes.', 'It rhymes.'],
  ['a single one among blank lines as it is', '\n It rhymes.\n\n', '\n It rhymes.\n\n'],
  ['two lines with a number each', 'It rhymes.\nIt is short.', '[1] It rhymes.\n[2] It is short.'],
  ['no blank line', 'a\n \n\r\nb\n', '[1] a\n \n\r\n[2] b\n'],
  ['what has a mark of its own too', '- a\n- b', '[1] - a\n[2] - b'],
])('numbers %s', (_, criteria, expected) => {
  expect(numbered(criteria)).toBe(expected);
});
