import { usage } from '../values.ts';
import { InexactNumber, parseJson } from './parse-json.ts';
import { eachLine, type Source } from './source.ts';

/** Calls `take` with the value of each line, and the line's number. Blank lines are passed over. @throws `usage`: a line is not JSON. */
export async function eachJsonLine(
  source: Source,
  take: (row: unknown, line: number) => void,
): Promise<void> {
  await eachLine(source, (text, line) => {
    if (text.trim() !== '') take(parse(text, `${source.name}, line ${line}`), line);
  });
}

function parse(text: string, place: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof InexactNumber) throw usage(`${place}: ${error.message}`);
    throw usage(`${place}: this is not JSON; give one object a line`);
  }
}
