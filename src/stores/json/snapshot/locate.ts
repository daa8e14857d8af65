import type { Node, ParseError } from 'jsonc-parser';
import { OrchError } from '../../../model/errors.ts';
import type { JsonPath } from '../../shape.ts';
import { FormatError } from './format.ts';

const WAY_OUT = 'correct it by hand or restore an earlier copy; nothing was changed';
const MERGE_MARKER = /^(?:<{7}|={7}|>{7}|\|{7})(?: |\r?$)/m;

/** The parser's words for what it did not expect; others are told by their name. */
const WORDS: Record<string, string> = {
  InvalidSymbol: 'this is no JSON value',
  InvalidNumberFormat: 'this is no JSON number',
  PropertyNameExpected: 'a property name in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is expected here',
  CommaExpected: 'a comma is expected here',
  CloseBraceExpected: 'a closing } is expected here',
  CloseBracketExpected: 'a closing ] is expected here',
  EndOfFileExpected: 'the file should end here',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfString: 'this string does not end',
  InvalidCharacter: 'this character has to be escaped',
};

/** What is wrong, as an offset into the text and a sentence without its end. */
interface Finding {
  at: number;
  problem: string;
}

/**
 * The error for a person: `tasks.json:12:5: ...`. The parser that knows positions is loaded only here, when something
 * is wrong.
 */
export async function located(error: FormatError, name: string): Promise<OrchError> {
  const { at, problem } = await find(error);
  const { line, column } = position(error.text, at);
  const wayOut = error.message.endsWith('a newer orch wrote') ? 'update orch; nothing was changed' : WAY_OUT;
  const message = `${name}:${line}:${column}: ${problem}; ${wayOut}`;
  return new OrchError('store-unusable', message, { cause: error });
}

/** The line, from 1, in which a text stops being JSON, and what is wrong there. @param message what JSON.parse says of it. */
export async function whereItBreaks(
  text: string,
  message: string,
): Promise<{ line: number; problem: string }> {
  const { at, problem } = await find(new FormatError(message, text));
  return { line: position(text, at).line, problem };
}

async function find({ text, path, other, message }: FormatError): Promise<Finding> {
  const jsonc = await import('jsonc-parser');
  const errors: ParseError[] = [];
  let tree: Node | undefined;
  try {
    tree = jsonc.parseTree(text, errors, { disallowComments: true });
  } catch {
    // Nested deeper than that parser can follow: the place stays unknown.
  }
  if (path === undefined) return breakOf(text, message, errors[0], jsonc.printParseErrorCode);
  const offset = (place: JsonPath): number => {
    const node = tree && jsonc.findNodeAtLocation(tree, place);
    if (node) return node.offset;
    // What was put in, or renamed, when the file was read: the object it is in.
    return place.length > 0 ? offset(place.slice(0, -1)) : 0;
  };
  const first = other && `; the first is in line ${position(text, offset(other)).line}`;
  return { at: offset(path), problem: message + (first ?? '') };
}

function breakOf(
  text: string,
  message: string,
  error: ParseError | undefined,
  nameOf: (code: ParseError['error']) => string,
): Finding {
  const marker = text.search(MERGE_MARKER);
  if (marker >= 0) return { at: marker, problem: 'a merge conflict is not resolved here' };
  if (!error) return { at: 0, problem: `this is not JSON (${message})` };
  const name = nameOf(error.error);
  return { at: error.offset, problem: WORDS[name] ?? `this is not JSON (${name})` };
}

/** Both counted from 1, columns in UTF-16 units, as editors do. */
function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
