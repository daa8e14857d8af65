import Table from 'cli-table3';
import { cut, textWidth } from './safe-text.ts';
import { wrapped } from './wrap.ts';

/** Blanks between two columns. */
const GAP = 2;

/** Most lines that a last cell is broken into. */
const MOST_LINES = 2;

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: ' '.repeat(GAP),
};

/**
 * Rows whose cells stand below each other, without a frame. The last cell takes what is left of the width, on two lines if need be; the
 * first, an id, half of it at most. What does not fit is cut. Only the last cell may hold wide characters: the library counts them otherwise
 * than we do. A column that is empty in each row is left out.
 * @param width most columns of a line; `Infinity` where there is no screen to fit.
 */
export function tableLines(rows: readonly string[][], width: number): string[] {
  const kept = withoutEmptyColumns(rows).map(([id = '', ...rest]) => [cut(id, width / 2), ...rest]);
  const others = kept[0]!.slice(0, -1).map((_, i) => Math.max(...kept.map((row) => textWidth(row[i]!))));
  const room = width - others.reduce((sum, columns) => sum + columns + GAP, 0);
  const table = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  for (const row of kept) table.push([...row.slice(0, -1), broken(row.at(-1)!, room)]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

function broken(text: string, width: number): string {
  // What is far beyond need not be broken.
  const lines = wrapped(cut(text, width * (MOST_LINES + 1)), width);
  const last = lines.slice(MOST_LINES - 1).join(' ');
  return [...lines.slice(0, MOST_LINES - 1), cut(last, width)].join('\n').trimEnd();
}

function withoutEmptyColumns(rows: readonly string[][]): string[][] {
  const isUsed = (i: number) => rows.some((row) => row[i] !== '');
  return rows.map((row) => row.filter((_, i) => i === 0 || i === row.length - 1 || isUsed(i)));
}
