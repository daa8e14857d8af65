import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { textWidth } from '../safe-text.ts';

const graphemes = new Intl.Segmenter();

/** Accents, which every terminal sets above the letter before. */
const ACCENT = /[\u0300-\u036f]/;

/**
 * Columns that a text takes at most. Terminals do not agree on characters that are put together of several (families, flags, letters with
 * marks): some show one sign, others its parts, and older ones give room to what has none.
 */
export function cells(text: string): number {
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

function cellsOf(grapheme: string): number {
  if (grapheme.length === 1 && grapheme <= '~') return 1;
  let parts = 0;
  for (const character of grapheme) parts += ACCENT.test(character) ? 0 : Math.max(1, textWidth(character));
  return Math.max(parts, stringWidth(grapheme));
}
