import { openFile, openSource, wholeText } from './source.ts';

/** A text that came from outside, and how an error calls its source. */
export interface Input {
  name: string;
  text: string;
}

/** The whole text of a file, or of standard input for `-`. Bytes that are no UTF-8 are refused, with their line. */
export async function readText(path: string): Promise<Input> {
  const source = await openSource(path);
  return { name: source.name, text: await wholeText(source) };
}

/** The whole text of a file, without a byte order mark. */
export async function readFileText(path: string): Promise<string> {
  return wholeText(await openFile(path));
}
