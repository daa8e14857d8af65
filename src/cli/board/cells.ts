import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { textWidth } from '../safe-text.ts';

const graphemes = new Intl.Segmenter();

/** What takes a column a character: most texts, which need not be taken apart. */
const PLAIN = /^[ -~]*$/;

/** Accents, which every terminal sets above the letter before. */
const ACCENT = /[\u0300-\u036f]/;

/**
 * Columns that a text takes at most. Terminals do not agree on characters that are put together of several (families, flags, letters with
 * marks): some show one sign, others its parts, and older ones give room to what has none.
 */
export function cells(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += cellsOf(segment);
  return columns;
}

/** Rows that a line takes where it has to be wrapped; colours take no room. */
export function rowsOf(line: string, columns: number): number {
  let rows = 1;
  let used = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(line))) {
    const width = stringWidth(segment);
    used += width;
    if (used <= columns) continue;
    rows += 1;
    used = width;
  }
  return rows;
}

/** The text, cut to so many columns where it is longer. */
export function cutTo(text: string, columns: number): string {
  if (text.length * 2 <= columns || cells(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += cellsOf(segment);
    if (used > columns - 1) break;
    kept += segment;
  }
  return columns > 0 ? `${kept.trimEnd()}…` : '';
}

/** What was measured, by grapheme: few different ones are shown again and again. */
const measured = new Map<string, number>();
const MOST_MEASURED = 5_000;

function cellsOf(grapheme: string): number {
  const known = measured.get(grapheme);
  if (known !== undefined) return known;
  let parts = 0;
  for (const character of grapheme) parts += ACCENT.test(character) ? 0 : Math.max(1, textWidth(character));
  const columns = Math.max(parts, stringWidth(grapheme));
  if (measured.size >= MOST_MEASURED) measured.clear();
  measured.set(grapheme, columns);
  return columns;
}
