import { textWidth } from './safe-text.ts';

/** One line of text as lines that fit: broken between words, and within those that fill more than a line. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = (lines.length === 0 ? '' : indent) + word;
    while (textWidth(rest) > width) {
      const start = startOf(rest, width);
      lines.push(start);
      rest = indent + rest.slice(start.length);
    }
    line = rest;
  }
  return [...lines, line];
}

/** As much as fits; one character at least behind the blanks, so that there is an end to it. */
function startOf(text: string, width: number): string {
  let start = '';
  for (const character of text) {
    if (textWidth(start + character) > width && start.trim() !== '') break;
    start += character;
  }
  return start;
}
