import { graphemesOf, width } from './width.ts';

/** One line of text as lines that fit: broken between words, and within those that fill more than a line. */
export function wrapped(text: string, columns: number, indent = ''): string[] {
  return filled(text.split(' '), columns, indent);
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

/** Lines of as many pieces as fit, with blanks between them; what follows the first is indented. */
function filled(pieces: readonly string[], columns: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces) {
    const longer = line === '' ? piece : `${line} ${piece}`;
    if (width(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = (lines.length === 0 ? '' : indent) + piece;
    while (width(rest) > columns) {
      const start = startOf(rest, columns);
      lines.push(start);
      rest = indent + rest.slice(start.length);
    }
    line = rest;
  }
  return [...lines, line];
}

/** As much as fits; one character at least behind the blanks, so that there is an end to it. */
function startOf(text: string, columns: number): string {
  let start = '';
  let used = 0;
  for (const character of graphemesOf(text)) {
    used += width(character);
    if (used > columns && start.trim() !== '') break;
    start += character;
  }
  return start;
}
