import { stripVTControlCharacters } from 'node:util';
import { graphemesOf, padded, shownWidth, width } from './width.ts';

/** Stands for a blank at which nothing is broken. Texts of others have lost such characters. */
const GLUE = '\u0000';

/** A command to be typed, within a text that is broken: it stays whole, so that it can be copied and run. */
export function unbroken(command: string): string {
  return command.replaceAll(' ', GLUE);
}

/** One line of text as lines that fit: broken between words, and within those that fill more than a line. Colours take no room. */
export function wrapped(text: string, columns: number, indent = '', keepsWords = false): string[] {
  return filled(text.split(' '), columns, indent, keepsWords);
}

/** `3 of 10 done, 1 failed, 20s` as lines that fit: broken between facts, and within those that fill more than a line. */
export function joined(facts: readonly string[], columns: number, indent = ''): string[] {
  const pieces = facts.map((fact, i) => (i < facts.length - 1 ? `${fact},` : fact));
  const isWhole = (piece: string) => width(indent + piece) <= columns;
  return filled(
    pieces.flatMap((piece) => (isWhole(piece) ? [piece] : piece.split(' '))),
    columns,
    indent,
  );
}

/** What a line begins with that has nothing below it: blanks, and the sign of an item. */
const BEGINNING = /^( *)((?:[-*•·✓✗▶↻?!] )?)/;

/** Columns in which something can be read: where blanks would leave less, there are fewer of them. */
const LEAST_COLUMNS = 8;

/**
 * Lines that fit: those that are too wide go on below their beginning.
 * @param columns `Infinity` where there is no screen.
 * @param keepsWords a word that is wider than that stays whole, and does not fit.
 */
export function fitted(lines: readonly string[], columns: number, keepsWords = false): string[] {
  if (columns === Infinity) return lines.map((line) => line.replaceAll(GLUE, ' '));
  return lines.map(withoutTabs).flatMap((line) => {
    if (shownWidth(line) <= columns) return line.replaceAll(GLUE, ' ');
    const [, blanks = '', sign = ''] = BEGINNING.exec(stripVTControlCharacters(line)) ?? [];
    const margin = ' '.repeat(Math.max(0, Math.min(blanks.length, columns - LEAST_COLUMNS)));
    const rest = line.slice(blanks.length);
    const indent = ' '.repeat(sign.length);
    return wrapped(rest, columns - margin.length, indent, keepsWords).map((part) => margin + part);
  });
}

/** As many blanks as a terminal shows: a tab goes to the next column that eight divides. */
function withoutTabs(line: string): string {
  return line
    .split('\t')
    .reduce((start, part) => padded(start, 8 * (Math.floor(width(start) / 8) + 1)) + part);
}

/** Lines of as many pieces as fit, with blanks between them; what follows the first is indented. */
function filled(pieces: readonly string[], columns: number, indent: string, keepsWords = false): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces) {
    const longer = line === '' ? piece : `${line} ${piece}`;
    if (shownWidth(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = (lines.length === 0 ? '' : indent) + piece;
    while (!keepsWords && shownWidth(rest) > columns && !rest.includes(GLUE)) {
      const start = startOf(rest, columns);
      lines.push(start);
      rest = indent + rest.slice(start.length);
    }
    line = rest;
  }
  return [...lines, line].map((each) => each.replaceAll(GLUE, ' '));
}

/** What sets a colour: the parts at odd places. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COLOURS = /(\u001b\[\d+m)/;

/** As much as fits; one character at least behind the blanks, so that there is an end to it. */
function startOf(text: string, columns: number): string {
  let start = '';
  let used = 0;
  let hasText = false;
  for (const [i, part] of text.split(COLOURS).entries()) {
    const isColour = i % 2 === 1;
    if (isColour) start += part;
    for (const character of isColour ? [] : graphemesOf(part)) {
      used += width(character);
      if (used > columns && hasText) return start;
      start += character;
      hasText ||= character.trim() !== '';
    }
  }
  return start;
}
