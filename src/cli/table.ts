import { createRequire } from 'node:module';
import type { ColumnUserConfig } from 'table';
import { cut, shownWidth } from './width.ts';
import { wrapped } from './wrap.ts';

/** Columns between two cells. */
const GAP = 2;

export interface TableOptions {
  /** Most columns of a line; `Infinity` where there is no screen to fit. */
  columns: number;
  /** Most lines that a last cell is broken into; what does not fit on them is cut. Default: as many as it takes. */
  mostLines?: number;
  /** Columns of numbers, 0 for the first: their cells end below each other. */
  numbers?: readonly number[];
}

/**
 * Rows whose cells stand below each other, without a frame. The last cell takes what is left of the width, on several lines if need be; the
 * first, an id, half of it at most. A column that is empty in each row is left out.
 * @param rows all of a length.
 */
export function tableLines(
  rows: readonly string[][],
  { columns, mostLines = Infinity, numbers = [] }: TableOptions,
): string[] {
  if (rows.length === 0) return [];
  const kept = withoutEmptyColumns(rows).map(([id = '', ...rest]) => [narrowed(id, columns / 2), ...rest]);
  const others = kept[0]!.slice(0, -1).map((_, i) => Math.max(...kept.map((row) => shownWidth(row[i]!))));
  const room = columns - others.reduce((sum, taken) => sum + taken + GAP, 0);
  const cells = kept.map((row) => [...row.slice(0, -1), broken(row.at(-1)!, room, mostLines).join('\n')]);
  return laidOut(cells, numbers).map((line) => narrowed(line.trimEnd(), columns));
}

type Library = typeof import('table');

/** What is handed to it fits already: its own measure is smaller than ours for some characters, and breaks others too early. */
function laidOut(cells: string[][], numbers: readonly number[]): string[] {
  library ??= createRequire(import.meta.url)('table') as Library;
  const last = cells[0]!.length - 1;
  // No character takes more than two columns: wide enough that nothing is broken again.
  const widest = Math.max(1, ...cells.map((row) => 2 * row[last]!.length));
  const columns: Record<number, ColumnUserConfig> = { [last]: { width: widest } };
  for (const number of numbers) columns[number] = { alignment: 'right' };
  return library
    .table(cells, {
      border: library.getBorderCharacters('void'),
      columnDefault: { paddingLeft: 0, paddingRight: GAP },
      columns,
      drawHorizontalLine: () => false,
    })
    .split('\n')
    .slice(0, -1);
}

/** Loaded for the first table: most commands show none. */
let library: Library | undefined;

function broken(text: string, columns: number, mostLines: number): string[] {
  // What is far beyond need not be broken.
  const lines = wrapped(mostLines < Infinity ? cut(text, columns * (mostLines + 1)) : text, columns);
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines - 1), cut(lines.slice(mostLines - 1).join(' '), columns)];
}

function narrowed(text: string, columns: number): string {
  return shownWidth(text) <= columns ? text : cut(text, columns);
}

function withoutEmptyColumns(rows: readonly string[][]): string[][] {
  const isUsed = (i: number) => rows.some((row) => row[i] !== '');
  return rows.map((row) => row.filter((_, i) => i === 0 || i === row.length - 1 || isUsed(i)));
}
