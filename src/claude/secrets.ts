import { readFileSync } from 'node:fs';
import { credentialFiles } from './credentials.ts';
import { customHeaders } from './custom-headers.ts';

/** Environment variables whose value is a credential, as the Anthropic SDK reads them. */
const SECRET_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_IDENTITY_TOKEN',
  'ANTHROPIC_WEBHOOK_SIGNING_KEY',
];

/** Headers that are there to hold a credential, by the words of their names: `X-Author` is none of them. */
const SECRET_HEADERS =
  /(?:^|[-_])(?:auth|authorization|(?:api)?key|token|secret|cookie|pass|password|credentials?|session|signature)(?:[-_]|$)/i;

/** Such a header may hold a plain word, too, which a text may hold as well: that is no credential. */
const PLAIN_WORD = /^[A-Z]?[a-z]{1,19}$/;

/** Shorter values are no credentials, and would tear holes into plain words: in messages, and in what somebody works with. */
const SHORTEST_IN_MESSAGES = 4;
const SHORTEST_KEY = 8;

/**
 * The credentials that this process knows of: those of the environment, in all the places where the SDK looks for them, and those that
 * were sent. They are looked up each time, since files are written anew while a run lasts; none is forgotten.
 */
export class Secrets {
  readonly #env: NodeJS.ProcessEnv;
  readonly #known = new Set<string>();

  constructor(env: NodeJS.ProcessEnv, apiKey = '') {
    this.#env = env;
    this.add(apiKey);
  }

  add(secret: string): void {
    const value = secret.trim();
    if (value.length >= SHORTEST_IN_MESSAGES) this.#known.add(value);
  }

  /** Nothing but credentials: even what people and models write is changed for these. */
  keys(): string[] {
    this.#lookUp();
    return [...this.#known].filter((secret) => secret.length >= SHORTEST_KEY);
  }

  /** What must stand in no message: the values of other headers too, since any of them may be a gateway's credential. */
  all(): string[] {
    this.#lookUp();
    const parts = customHeaders(this.#env).flatMap(([, value]) => [value, ...value.split(/[\s;=,]+/)]);
    return [...this.#known, ...parts.filter((part) => part.length >= SHORTEST_KEY)];
  }

  #lookUp(): void {
    for (const name of SECRET_VARIABLES) this.add(this.#env[name] ?? '');
    for (const [name, value] of customHeaders(this.#env)) {
      if (SECRET_HEADERS.test(name)) for (const part of credentialsIn(value)) this.#addKey(part);
    }
    const { tokens, identities } = credentialFiles(this.#env);
    for (const file of tokens) for (const token of tokensIn(textOf(file))) this.#addKey(token);
    for (const file of identities) this.#addKey(textOf(file));
  }

  #addKey(secret: string): void {
    const value = secret.trim();
    if (value.length >= SHORTEST_KEY && !PLAIN_WORD.test(value)) this.add(value);
  }
}

/** `Bearer abc`, `session=abc; theme=dark`: the whole, and what is neither a scheme nor a name. */
function credentialsIn(header: string): string[] {
  const [first = '', ...rest] = header.split(/[\s;,]+/);
  const parts = rest.length === 0 || first.includes('=') ? [first, ...rest] : rest;
  const values = parts.map((part) => part.replace(/^[\w-]+=(?=[^=])/, '').replaceAll(/^"|"$/g, ''));
  return [header, ...values, ...values.map((value) => value.replace(/=+$/, ''))];
}

function tokensIn(json: string): string[] {
  try {
    const { access_token, refresh_token }: Record<string, unknown> = Object(JSON.parse(json));
    return [access_token, refresh_token].filter((token) => typeof token === 'string');
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
