import { graphemesOf, width } from './width.ts';

/** One line of text as lines that fit: broken between words, and within those that fill more than a line. */
export function wrapped(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (width(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = (lines.length === 0 ? '' : indent) + word;
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
  for (const character of graphemesOf(text)) {
    if (width(start + character) > columns && start.trim() !== '') break;
    start += character;
  }
  return start;
}
