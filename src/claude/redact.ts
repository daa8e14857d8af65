import { cut, oneLine } from '../model/text.ts';

const REDACTED = '[redacted]';

/** Longest message that is kept, in characters. */
export const MESSAGE_LENGTH = 300;

/** Shorter values are no secrets, and would tear holes into plain words. */
const SHORTEST_SECRET = 4;
const SHORTEST_HEADER_SECRET = 8;

/** Environment variables whose value is a credential, as the Anthropic SDK reads them. */
const SECRET_VARIABLES = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_IDENTITY_TOKEN'];

/** What a credential looks like wherever it comes from: a key, a bearer header, a user and password in an address. */
const PATTERNS: [RegExp, string][] = [
  [/\bBearer\s+[\w.~+/=-]+/gi, REDACTED],
  [/sk-ant-[\w-]+/gi, REDACTED],
  [/:\/\/[^\s/@]+@/g, `://${REDACTED}@`],
];

/** The credentials that this process knows from the start. */
export function knownSecrets(env: NodeJS.ProcessEnv, apiKey?: string): Set<string> {
  const keys = [apiKey, ...SECRET_VARIABLES.map((name) => env[name])].map((value) => value?.trim() ?? '');
  return new Set([...keys.filter((value) => value.length >= SHORTEST_SECRET), ...secretHeaders(env)]);
}

/**
 * ANTHROPIC_CUSTOM_HEADERS holds a header a line. Any of them may be a gateway's credential, or hold one:
 * `Authorization: Basic ...`, `Cookie: session=...`.
 */
function secretHeaders(env: NodeJS.ProcessEnv): string[] {
  const lines = env.ANTHROPIC_CUSTOM_HEADERS?.split('\n') ?? [];
  const values = lines.map((line) => /:(.*)$/.exec(line)?.[1]?.trim() ?? '');
  const parts = values.flatMap((value) => [value, ...value.split(/[\s;=,]+/)]);
  return parts.filter((part) => part.length >= SHORTEST_HEADER_SECRET);
}

/** Shorter ones are no credentials, and stand in plain words. */
const SHORTEST_KEY = 8;

/**
 * The credentials among what is known, without the values of headers: those may be plain words, and what somebody works with is not
 * to be changed for them.
 */
export function keysAmong(secrets: Iterable<string>, env: NodeJS.ProcessEnv): string[] {
  const headers = new Set(secretHeaders(env));
  return [...secrets].filter((secret) => secret.length >= SHORTEST_KEY && !headers.has(secret));
}

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
