const REDACTED = '[redacted]';

/** Longest message that is kept, in characters. */
export const MESSAGE_LENGTH = 300;

/** Shorter values are no secrets, and would tear holes into plain words. */
const SHORTEST_SECRET = 4;

/** Environment variables whose value is a credential, as the Anthropic SDK reads them. */
const SECRET_VARIABLES = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_IDENTITY_TOKEN'];

/** What a credential looks like wherever it comes from: a key, a bearer header, a user and password in an address. */
const PATTERNS: [RegExp, string][] = [
  [/\bBearer\s+[\w.~+/=-]+/gi, REDACTED],
  [/sk-ant-[\w-]+/gi, REDACTED],
  [/:\/\/[^\s/@]+@/g, `://${REDACTED}@`],
];

/** The credentials that this process knows, longest first, so that none is left in part. */
export function knownSecrets(env: NodeJS.ProcessEnv, apiKey?: string): string[] {
  const values = [apiKey, ...SECRET_VARIABLES.map((name) => env[name]), ...secretHeaders(env)];
  const trimmed = values.map((value) => value?.trim() ?? '');
  return [...new Set(trimmed)]
    .filter((value) => value.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
}

/** ANTHROPIC_CUSTOM_HEADERS holds a header a line; those of a gateway may be credentials. */
function secretHeaders(env: NodeJS.ProcessEnv): string[] {
  const lines = env.ANTHROPIC_CUSTOM_HEADERS?.split('\n') ?? [];
  return lines.map(
    (line) => /^[^:]*(?:authorization|key|token|secret|cookie)[^:]*:(.*)$/i.exec(line)?.[1] ?? '',
  );
}

/** Replaces known credentials, and whatever looks like one, by `[redacted]`. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  return PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), known);
}

/**
 * Makes somebody else's text fit for a message: redacted, on one line, without control characters, bounded.
 * It is redacted before it is cut, so that no part of a credential stays at the end.
 */
export function redactedLine(text: string, secrets: readonly string[]): string {
  const line = redact(text, secrets)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length <= MESSAGE_LENGTH ? line : `${line.slice(0, MESSAGE_LENGTH - 1).toWellFormed()}…`;
}
