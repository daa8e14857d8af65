import { cut, padded, width } from './width.ts';
import { wrapped } from './wrap.ts';

/** Between two columns. */
const GAP = '  ';

/** Most lines that a last cell is broken into. */
const MOST_LINES = 2;

/**
 * Rows whose cells stand below each other, without a frame. The last cell takes what is left of the width, on two lines if need be; the
 * first, an id, half of it at most. What does not fit is cut. A column that is empty in each row is left out.
 * @param rows none of them empty, all of a length. @param columns most columns of a line; `Infinity` where there is no screen to fit.
 */
export function tableLines(rows: readonly string[][], columns: number): string[] {
  const kept = withoutEmptyColumns(rows).map(([id = '', ...rest]) => [cut(id, columns / 2), ...rest]);
  const others = kept[0]!.slice(0, -1).map((_, i) => Math.max(...kept.map((row) => width(row[i]!))));
  const room = columns - others.reduce((sum, taken) => sum + taken + GAP.length, 0);
  const lines = kept.flatMap((row) => {
    const [first = '', ...more] = broken(row.at(-1)!, room);
    return [[...row.slice(0, -1), first], ...more.map((line) => [...others.map(() => ''), line])];
  });
  return lines.map((row) =>
    row
      .map((cell, i) => padded(cell, others[i] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

function broken(text: string, columns: number): string[] {
  // What is far beyond need not be broken.
  const lines = wrapped(cut(text, columns * (MOST_LINES + 1)), columns);
  const last = lines.slice(MOST_LINES - 1).join(' ');
  return [...lines.slice(0, MOST_LINES - 1), ...(last === '' ? [] : [cut(last, columns)])];
}

function withoutEmptyColumns(rows: readonly string[][]): string[][] {
  const isUsed = (i: number) => rows.some((row) => row[i] !== '');
  return rows.map((row) => row.filter((_, i) => i === 0 || i === row.length - 1 || isUsed(i)));
}
