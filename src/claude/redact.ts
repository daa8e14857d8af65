import { cut, oneLine } from '../model/text.ts';

const REDACTED = '[redacted]';

/** Longest message that is kept, in characters. */
export const MESSAGE_LENGTH = 300;

/** What a credential looks like wherever it comes from: a key, a bearer header, a user and password in an address. */
const PATTERNS: [RegExp, string][] = [
  [/\bBearer\s+[\w.~+/=-]+/gi, REDACTED],
  [/sk-ant-[\w-]+/gi, REDACTED],
  [/(?<!postgres|postgresql):\/\/[^\s/@]+@/g, `://${REDACTED}@`],
  // A user alone is none.
  [/(postgres(?:ql)?:\/\/[^\s/@:]*):[^\s/@]+@/g, `$1:${REDACTED}@`],
];

/** Replaces these, longest first, and nothing else: for what people and models write, which is kept as it is. */
export function withoutKeys(text: string, keys: readonly string[]): string {
  return longestFirst(keys).reduce((rest, key) => rest.replaceAll(key, REDACTED), text);
}

/** Replaces known credentials, longest first, and whatever looks like one, by `[redacted]`. */
export function redact(text: string, secrets: Iterable<string>): string {
  const known = withoutKeys(text, [...secrets]);
  return PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), known);
}

/**
 * Makes somebody else's text fit for a message: redacted, on one line, without control characters, bounded.
 * It is redacted before it is cut, so that no part of a credential stays at the end.
 */
export function redactedLine(text: string, secrets: Iterable<string>): string {
  return cut(oneLine(redact(text, secrets)), MESSAGE_LENGTH);
}

function longestFirst(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => b.length - a.length);
}
