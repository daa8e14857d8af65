import { messageOf } from '../../model/errors.ts';
import { whereItBreaks } from '../../stores/json/snapshot/locate.ts';
import { usage } from '../values.ts';
import { InexactNumber, parseJson } from './parse-json.ts';
import { type Source, wholeText } from './source.ts';

/**
 * Calls `take` with each item of a JSON list, and the number of the line in which it begins.
 * @throws `usage`: it is not JSON, or no list.
 */
export async function eachJsonRow(source: Source, take: (row: unknown, line: number) => void): Promise<void> {
  const text = await wholeText(source);
  const rows = await parse(text, source.name);
  if (!Array.isArray(rows))
    throw usage(
      `${source.name}: expected a list, such as [{"description": "..."}]; jsonl is an object a line`,
    );
  const lines = linesOfItems(text);
  for (const [i, row] of rows.entries()) take(row, lines[i] ?? 0);
}

async function parse(text: string, name: string): Promise<unknown> {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof InexactNumber) throw usage(`${name}: ${error.message}`);
    const { line, problem } = await whereItBreaks(text, messageOf(error));
    throw usage(`${name}, line ${line}: ${problem}`);
  }
}

/** The line in which each item of a list begins. @param text JSON that is a list. */
function linesOfItems(text: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let isAwaited = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\n') line++;
    if (character === undefined || /\s/.test(character)) continue;
    if (isAwaited && character !== ']') lines.push(line);
    isAwaited = depth === 1 && character === ',';
    if (character === '"') at = endOfString(text, at);
    else if (character === ']' || character === '}') depth--;
    else if (character === '[' || character === '{') isAwaited = ++depth === 1;
  }
  return lines;
}

/** @param start of its opening quotes. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
