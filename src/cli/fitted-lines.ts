import { linesStream, note, print, redacted } from './output.ts';
import { columnsOf } from './terminal.ts';
import { fitted } from './wrap.ts';

/** A line for people, on a terminal broken between words; elsewhere as it is. @param colour of each line of it. */
export function printFitted(line: string, colour = (text: string) => text): void {
  for (const part of parts(line, linesStream())) print(colour(part));
}

/** The same of progress and problems. A word that is wider than the terminal, such as a path, is left to it: so it can be copied. */
export function noteFitted(line: string): void {
  for (const part of parts(line, process.stderr, true)) note(part);
}

/** A key that is broken would not be known as one. */
function parts(line: string, stream: NodeJS.WriteStream, keepsWords = false): string[] {
  return fitted(redacted(line).split('\n'), columnsOf(stream), keepsWords);
}
