import { stripVTControlCharacters } from 'node:util';
import { cut } from './width.ts';

// Control characters, and those that turn the direction of writing around: a task's text must not steer a terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Texts from tasks, made harmless for a terminal: lines stay, escape sequences and control characters go. */
export function safeText(text: string): string {
  return stripVTControlCharacters(text.replace(/\r\n?/g, '\n')).replace(UNSAFE, '');
}

/** All of a text, in one line: what a terminal would not show as it is (line ends, control and invisible characters) is written out. */
export function written(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return SHORT[character] ?? `\\u{${code.toString(16)}}`;
  });
}

const SHORT: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

/** The same in one line, cut to `width` columns. */
export function oneLine(text: string, width = Infinity): string {
  // What is far beyond the width need not be looked at; escape sequences take room too, hence the factor.
  const near = Number.isFinite(width) ? text.slice(0, width * 20) : text;
  return cut(safeText(near).replace(/\s+/g, ' ').trim(), width);
}

/** The first line that says something. */
export function firstLine(text: string, width = Infinity): string {
  return oneLine(text.trimStart().split(/\r\n?|\n/, 1)[0] ?? '', width);
}
