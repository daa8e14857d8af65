import { count } from '../format.ts';
import { safeText } from '../safe-text.ts';
import { cut } from '../width.ts';

/** Columns of a line that are shown where not all is wanted. */
const MOST_COLUMNS = 400;

export interface ExcerptOptions {
  /** Put before each line. */
  indent: string;
  /** Lines that are shown; `Infinity`: all, whole. */
  lines: number;
  /** The command that shows all of it. */
  whole: string;
}

/** A text of somebody else's, harmless for a terminal; of a long one its beginning, and how to see the rest. */
export function excerpt(text: string, { indent, lines, whole }: ExcerptOptions): string[] {
  const all = safeText(text.trimEnd()).split('\n');
  if (lines === Infinity) return all.map((line) => indent + line);
  const shown = all.slice(0, lines).map((line) => cut(line, MOST_COLUMNS));
  const isCut = shown.some((line, i) => line !== all[i]);
  const rest = all.length - shown.length;
  const more = rest > 0 ? count(rest, 'more line') : isCut ? 'the rest of a long line' : undefined;
  const hint = more === undefined ? [] : [`… ${more}: ${whole}`];
  return [...shown, ...hint].map((line) => indent + line);
}
