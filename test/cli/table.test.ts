import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tableLines } from '../../src/cli/table.ts';
import { cut, padded, width } from '../../src/cli/width.ts';

test('cells stand below each other, and a column that nobody fills is left out', () => {
  const rows = [
    ['✓ task-1', '1 attempt', '', 'short'],
    ['✓ task-100', '', '', 'a longer one'],
  ];
  expect(tableLines(rows, { columns: Infinity, mostLines: 2 })).toEqual([
    '✓ task-1    1 attempt  short',
    '✓ task-100             a longer one',
  ]);
  expect(tableLines(rows, { columns: 30, mostLines: 2 })).toEqual([
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
  expect(tableLines(rows, { columns: 11, mostLines: 2 })).toEqual([
    'a  漢字漢字',
    `b  ${accented}`,
    '   and more',
    'c  🌍🌍🌍🌍',
  ]);
  expect(tableLines(rows, { columns: 8, mostLines: 2 })).toEqual([
    'a  漢字',
    '   漢字',
    `b  ${accented}`,
    '   and…',
    'c  🌍🌍',
    '   🌍🌍',
  ]);
});

test('what is put together of several characters is broken nowhere else than by our measure', () => {
  const families = '🌍\ufe0f\u200d🇩🇪漢漢👨‍👩‍👧漢👨‍👩‍👧☀';
  expect(tableLines([['a', families]], { columns: 80 })).toEqual([`a  ${families}`]);
});

test('colours take no room, and a last cell may have as many lines as it needs', () => {
  const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
  expect(
    tableLines(
      [
        [red('problem'), 'one two three four'],
        ['ok', 'five'],
      ],
      { columns: 14 },
    ),
  ).toEqual([`${red('problem')}  one`, '         two', '         three', '         four', 'ok       five']);
});

test('numbers end below each other', () => {
  const rows = [
    ['kills', '1,000', 'a'],
    ['in all', '7', 'b'],
  ];
  expect(tableLines(rows, { columns: Infinity, numbers: [1] })).toEqual([
    'kills   1,000  a',
    'in all      7  b',
  ]);
});

test('a long id leaves half of the line', () => {
  expect(tableLines([['x'.repeat(64), 'the reason why']], { columns: 40 })).toEqual([
    `${'x'.repeat(19)}…  the reason why`,
  ]);
});

test('no line is wider than it may be, whatever the last cell holds', () => {
  // Joiners, points and zero-width blanks are what measures of width differ in.
  const unit = fc.constantFrom('a', '漢', '🌍', '\u200d', '\u05b0', '\u200b', '👍🏽', '👨‍👩‍👧', '▶', ' ');
  const row = fc.tuple(
    fc.stringMatching(/^[✓✗▶·] [a-z]{1,64}$/),
    fc.stringMatching(/^\d{0,6}$/),
    fc.string({ unit }),
  );
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 38, max: 200 }),
      (rows, columns) => {
        const lines = tableLines(rows, { columns: columns, mostLines: 2 });
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
        // Each row begins with its id and number, cut to a width that is the same in all; a second line of one, with blanks.
        const shown = rows.map(([id, number]) => [cut(id, columns / 2), number]);
        const [ids, numbers] = [0, 1].map((i) => Math.max(...shown.map((row) => row[i]!.length)));
        const starts = shown.map(([id, number]) =>
          [padded(id!, ids!), ...(numbers! > 0 ? [padded(number!, numbers!)] : []), ''].join('  '),
        );
        const begins = lines.map((line) => line.padEnd(columns).slice(0, starts[0]!.length));
        expect(begins.filter((begin) => begin.trim() !== '')).toEqual(starts);
      },
    ),
  );
});
