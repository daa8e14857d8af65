import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachCsvRow } from '../../../src/cli/input/csv-rows.ts';
import { sourceOf } from '../../support/source.ts';

type Row = Record<string, unknown>;

async function rowsOf(text: string, pieceBytes?: number): Promise<Array<[number, Row]>> {
  const rows: Array<[number, Row]> = [];
  await eachCsvRow(sourceOf(text, pieceBytes), (row, line) => rows.push([line, row]));
  return rows;
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

test('any table comes out as it was written, with the line in which each row begins', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'ü', '"', ',', '\n', ' ', '🌍') });
  const table = fc.array(fc.tuple(cell, cell), { minLength: 1 });
  const property = fc.asyncProperty(
    table,
    fc.constantFrom('\n', '\r\n'),
    fc.integer({ min: 1, max: 50 }),
    async (cells, lineBreak, pieceBytes) => {
      const text = [['x', 'y z'], ...cells].map((row) => row.map(quoted).join(',') + lineBreak).join('');
      let next = 2;
      const expected = cells.map(([x, y]) => {
        const line = next;
        next += 1 + `${x}${y}`.split('\n').length - 1;
        return [line, { x, 'y z': y }];
      });
      expect(await rowsOf(text, pieceBytes)).toEqual(expected);
    },
  );
  await fc.assert(property);
});

test('mark, blank lines, missing last line break, and both kinds of line breaks in one file', async () => {
  expect(await rowsOf('\ufeffa,b\r\n1,"x\ny"\n\n"",2\r\n3,4')).toEqual([
    [2, { a: '1', b: 'x\ny' }],
    [5, { a: '', b: '2' }],
    [6, { a: '3', b: '4' }],
  ]);
});

test('the fields of a task are what they are elsewhere; an empty cell is none', async () => {
  const text = 'description,priority,maxAttempts,metadata,criteria,tags,n\nx,-2,3,"{""k"":1}",,"a,b",7\n';
  const row = { description: 'x', priority: -2, maxAttempts: 3, metadata: { k: 1 }, criteria: null };
  expect(await rowsOf(text)).toEqual([[2, { ...row, tags: 'a,b', n: '7' }]]);
});

test('a column may have any name', async () => {
  const [[, row] = []] = await rowsOf('__proto__,toString\n1,2\n');
  expect(Object.entries(row ?? {})).toEqual([
    ['__proto__', '1'],
    ['toString', '2'],
  ]);
});

test.each([
  ['a,b\n"1\n2",3\n4\n', 'rows, line 4: expected 2 fields as in the first row, got 1'],
  ['a,b\n1,2,3\n', 'rows, line 2: expected 2 fields as in the first row, got 3'],
  ['a,b\n1,2\n\n3,"x\ny', 'rows, line 4: a quoted field that begins in this row does not end'],
  ['a,b\n1,"x"y\n', 'rows, line 2: a quoted field goes on behind its closing quotes'],
  ['a,b\n1,2\n3,x"y"\n', 'rows, line 3: a field that is not quoted holds quotes'],
  ['a,,c\n', 'rows, line 1: column 2 has no name'],
  ['a,b,a\n', 'rows, line 1: two columns are called "a"'],
])('%j is refused with the line in which the row begins', async (text, message) => {
  const refused = rowsOf(text, 3);
  await expect(refused).rejects.toMatchObject({ code: 'usage' });
  await expect(refused).rejects.toThrow(message);
});
