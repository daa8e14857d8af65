import { isObject } from '../model/is-object.ts';
/** What there is to see of something thrown. Read by its fields, so that the SDK need not be loaded to look at it. */
export interface ThrownFacts {
  name: string;
  /** The API's own words where it gave some, otherwise the error's message. */
  text: string;
  status?: number;
  /** `error.type` of the answer. */
  type?: string;
  /** The answer has the shape of the API's errors, which gateways give another. */
  isOfTheApi?: true;
  /** `error.details.error_code` of the answer. */
  code?: string;
  /** The status that the token endpoint answered with, where there was no token to be had. */
  tokenStatus?: number;
  headers?: Headers;
  /** Node's or undici's code, of the error itself or of what caused it: `ECONNREFUSED`. */
  causeCode?: string;
  /** The message of the innermost cause. */
  causeText?: string;
  /** The model that was asked. */
  model?: string;
}

export function thrownFacts(error: unknown, model?: string): ThrownFacts {
  const facts: ThrownFacts = { name: 'Error', text: String(error) };
  if (model) facts.model = model;
  if (!isObject(error)) return facts;
  facts.name = text(error.name) ?? 'Error';
  facts.text = withoutExcerpt(text(error.apiMessage) ?? text(error.message) ?? facts.name);
  const type = text(error.type);
  const code = text(error.errorCode);
  if (typeof error.status === 'number') facts.status = error.status;
  if (typeof error.statusCode === 'number') facts.tokenStatus = error.statusCode;
  if (type) facts.type = type;
  if (type && isObject(error.error) && error.error.type === 'error') facts.isOfTheApi = true;
  if (code) facts.code = code;
  if (error.headers instanceof Headers) facts.headers = error.headers;
  return { ...facts, ...innermost(error) };
}

/** What an engine says of bad JSON repeats a part of it, and the SDK repeats that: it may be a credential. */
function withoutExcerpt(message: string): string {
  return message.replace(/: SyntaxError: .*/s, '');
}

/** Why a connection failed: the innermost message says it, the outer ones only that it did. */
export function rootCause({ causeText, causeCode, text }: ThrownFacts): string {
  return causeText || causeCode || text;
}

function innermost(error: Record<string, unknown>): Pick<ThrownFacts, 'causeCode' | 'causeText'> {
  const found: Pick<ThrownFacts, 'causeCode' | 'causeText'> = {};
  const seen = new Set<unknown>();
  for (let at: unknown = error; isObject(at) && !seen.has(at); at = at.cause) {
    seen.add(at);
    const code = text(at.code);
    const message = text(at.message);
    if (code) found.causeCode = code;
    if (message) found.causeText = message;
  }
  return found;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
