import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';

/**
 * What takes one column a character, and joins with nothing: ASCII, Latin, Greek and Cyrillic letters, dashes and quotes,
 * and the signs that orch writes. Most texts are made of it, and need not be taken apart.
 */
const PLAIN = /^[ -~\u00a0-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027✓✗▶↻■‖]*$/;

/** Accents, which every terminal sets above the letter before, if there is one. */
const ACCENT = /[\u0300-\u036f]/;

/** Halves of flags and pictures: by itself each may take two columns, also where Unicode says one. */
const PICTURE = /[\u{1f1e6}-\u{1f1ff}\u{1f300}-\u{1faff}]/u;

/**
 * Columns that a text takes on a terminal at most. Terminals do not agree on characters that are put together of several (families, flags,
 * letters with marks): some show one sign, others its parts, and older ones give room to what has none. What Unicode leaves open (`·`, `…`)
 * counts as one column, as they show it unless they are told otherwise.
 */
export function width(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const grapheme of graphemesOf(text)) columns += widthOf(grapheme);
  return columns;
}

/** The same of a text with colours, which take no room. */
export function shownWidth(text: string): number {
  return width(text.includes(ESCAPE) ? stripVTControlCharacters(text) : text);
}

const ESCAPE = '\u001b';

/** The text, cut to so many columns where it is wider. */
export function cut(text: string, columns: number): string {
  if (text.length * 2 <= columns) return text;
  let end = 0;
  let kept = 0;
  let used = 0;
  for (const grapheme of graphemesOf(text)) {
    end += grapheme.length;
    used += widthOf(grapheme);
    if (used < columns) kept = end;
    if (used > columns) return columns > 0 ? `${text.slice(0, kept).trimEnd()}…` : '';
  }
  return text;
}

export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

/**
 * Rows that a line takes where a terminal has to wrap it; colours take no room. One row too many, and what stands above would be taken for
 * a part of it: so what a reader takes for one character counts two columns at most, as newer terminals show it.
 */
export function rowsOf(line: string, columns: number): number {
  let rows = 1;
  let used = 0;
  for (const grapheme of graphemesOf(stripVTControlCharacters(line))) {
    const taken = Math.min(2, widthOf(grapheme));
    used += taken;
    if (used <= columns) continue;
    rows += 1;
    used = taken;
  }
  return rows;
}

/** What a reader takes for one character each. */
export function graphemesOf(text: string): Iterable<string> {
  return PLAIN.test(text) ? text : segmentsOf(text);
}

function* segmentsOf(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield segment;
}

let segmenter: Intl.Segmenter | undefined;

/** What was measured, by grapheme: few different ones are shown again and again. */
const measured = new Map<string, number>();
const MOST_MEASURED = 5_000;

function widthOf(grapheme: string): number {
  if (PLAIN.test(grapheme)) return grapheme.length;
  const known = measured.get(grapheme);
  if (known !== undefined) return known;
  let parts = 0;
  for (const character of grapheme) parts += characterWidth(character);
  const columns = Math.max(1, parts);
  if (measured.size >= MOST_MEASURED) measured.clear();
  measured.set(grapheme, columns);
  return columns;
}

function characterWidth(character: string): number {
  if (ACCENT.test(character)) return 0;
  return PICTURE.test(character) ? 2 : eastAsianWidth(character.codePointAt(0)!);
}

type EastAsianWidth = typeof import('get-east-asian-width');

/** One column, or two. Its tables are loaded for the first text that is not plain: most commands never see one. */
function eastAsianWidth(codePoint: number): number {
  widths ??= createRequire(import.meta.url)('get-east-asian-width') as EastAsianWidth;
  return widths.eastAsianWidth(codePoint);
}

let widths: EastAsianWidth | undefined;
