import { oneLine } from './safe-text.ts';
import type { Paint } from './terminal.ts';
import { cut, width } from './width.ts';

/** How far a command is. */
export interface HowFar {
  /** `45,000 rows` */
  text: string;
  /** What it reads: comes from anywhere. */
  name?: string;
  /** Of the whole, 0 to 1; undefined where nobody can tell. */
  share?: number | undefined;
}

/** A shorter bar hardly moves; a longer one says no more. Columns. */
const MIN_BAR = 8;
const MAX_BAR = 40;

const DONE = '■';
const LEFT = '·';

/**
 * `■■■■■■■■············   43 %  rows.csv: 45,000 rows`. Where there is no room the name is left out first, then the bar.
 * @param sign stands in the place of a bar where there is none to be had: one column.
 */
export function progressLine(
  { text, name, share }: HowFar,
  columns: number,
  paint: Paint,
  sign: string,
): string {
  const named = name === undefined ? text : `${oneLine(name)}: ${text}`;
  if (share === undefined) {
    const room = columns - width(sign) - 1;
    if (room < 1) return cut(text, columns);
    return `${paint.cyan(sign)} ${cut(width(named) > room ? text : named, room)}`;
  }
  const part = Math.min(1, Math.max(0, share));
  const percent = `${Math.floor(100 * part)} %`;
  for (const words of [named, text]) {
    const rest = `  ${percent.padStart(5)}  ${words}`;
    const room = Math.min(MAX_BAR, columns - width(rest));
    if (room >= MIN_BAR) return `${bar(part, room, paint)}${rest}`;
  }
  return cut(`${percent}  ${text}`, columns);
}

function bar(share: number, columns: number, paint: Paint): string {
  const done = Math.floor(share * columns);
  return `${paint.green(DONE.repeat(done))}${paint.dim(LEFT.repeat(columns - done))}`;
}
