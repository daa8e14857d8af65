import { readFileText } from '../input/read-text.ts';
import { usage } from '../values.ts';

/**
 * The text of a prompt that a person wrote, without the line ends and blanks behind it. Undefined where none was named.
 * @throws `usage`: it cannot be read, is no UTF-8, or says nothing.
 */
export async function readPrompt(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = (await readFileText(path)).trimEnd();
  if (text === '') throw usage(`The prompt file ${path} is empty; write the prompt into it`);
  return text;
}
