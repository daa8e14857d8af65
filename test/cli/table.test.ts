import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tableLines } from '../../src/cli/table.ts';
import { width } from '../../src/cli/width.ts';

test('cells stand below each other, and a column that nobody fills is left out', () => {
  const rows = [
    ['✓ task-1', '1 attempt', '', 'short'],
    ['✓ task-100', '', '', 'a longer one'],
  ];
  expect(tableLines(rows, Infinity)).toEqual([
    '✓ task-1    1 attempt  short',
    '✓ task-100             a longer one',
  ]);
  expect(tableLines(rows, 30)).toEqual([
    '✓ task-1    1 attempt  short',
    '✓ task-100             a',
    '                       longer…',
  ]);
});

test('wide characters are counted as the terminal shows them', () => {
  const rows = [
    ['a', '漢字漢字'],
    ['b', 'e\u0301e\u0301e\u0301e\u0301e\u0301 and more'],
    ['c', '🌍🌍🌍🌍'],
  ];
  const accented = 'e\u0301e\u0301e\u0301e\u0301e\u0301';
  expect(tableLines(rows, 11)).toEqual(['a  漢字漢字', `b  ${accented}`, '   and more', 'c  🌍🌍🌍🌍']);
  expect(tableLines(rows, 8)).toEqual([
    'a  漢字',
    '   漢字',
    `b  ${accented}`,
    '   and…',
    'c  🌍🌍',
    '   🌍🌍',
  ]);
});

test('a long id leaves half of the line', () => {
  expect(tableLines([['x'.repeat(64), 'the reason why']], 40)).toEqual([
    `${'x'.repeat(19)}…  the reason why`,
  ]);
});

test('no line is wider than it may be, whatever the last cell holds', () => {
  // Joiners, points and zero-width blanks are what measures of width differ in.
  const unit = fc.constantFrom('a', '漢', '🌍', '\u200d', '\u05b0', '\u200b', '👍🏽', ' ');
  const row = fc.tuple(
    fc.stringMatching(/^[a-z]{1,64}$/),
    fc.stringMatching(/^\d{0,6}$/),
    fc.string({ unit }),
  );
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 38, max: 200 }),
      (rows, columns) => {
        const lines = tableLines(rows, columns);
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
        // Each row begins with its id; a second line of one, with blanks.
        const starts = lines.filter((line) => !line.startsWith(' ')).map((line) => line.slice(0, 10));
        expect(starts).toEqual(rows.map(([id]) => expect.stringMatching(`^${id.slice(0, 10)}`)));
      },
    ),
  );
});
