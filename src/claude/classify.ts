import type { Failure } from '../model/failure.ts';
import { retryAfterMs } from './retry-after.ts';
import { rootCause, type ThrownFacts, thrownFacts } from './thrown.ts';

type Row = (facts: ThrownFacts, now: number) => Failure;

const fatal =
  (what: string): Row =>
  ({ text }) => ({ kind: 'fatal', message: `${what}: ${text}` });

const permanent =
  (what: string): Row =>
  ({ text }) => ({ kind: 'permanent', message: `${what}: ${text}` });

const transient =
  (what: string): Row =>
  ({ text, headers }, now) => {
    const wait = retryAfterMs(headers, now);
    const failure: Failure = { kind: 'transient', message: `${what}: ${text}` };
    return wait === undefined ? failure : { ...failure, retryAfterMs: wait };
  };

/** Money, not load: no retry succeeds until somebody pays, raises the limit, or the time is over. */
const unpaid =
  (what: string, untilMs: (now: number) => number = () => Number.POSITIVE_INFINITY): Row =>
  ({ text }, now) => ({ kind: 'transient', message: `${what}: ${text}`, retryAfterMs: untilMs(now) });

const credentials = fatal('Claude refused the credentials (check ANTHROPIC_API_KEY, or log in again)');
const forbidden = fatal('these credentials may not do this (check the key, its workspace and the model)');
const limited = transient('the rate limit is reached');
const unavailable = transient('the API is not available for now');
const overloaded = transient('the API is overloaded');
const ownLimit = unpaid('the spend limit is reached (raise it in the Claude Console)');
const noCredit = unpaid('there is no credit (see Billing in the Claude Console)');
const refusedRequest = permanent('the API does not accept this request');

const unknownModel: Row = ({ text, model }) => ({
  kind: 'fatal',
  message: `the API does not know ${model ? `the model ${model}` : 'this model'}, or the address is wrong (check --model and ANTHROPIC_BASE_URL): ${text}`,
});

/** `error.details.error_code`. A code that is not here says no more than its type. */
const BY_CODE: Record<string, Row> = {
  enforced_spend_limit_reached: unpaid('the monthly spend limit of the API tier is reached', untilNextMonth),
  contract_spend_limit_reached: unpaid('the spend limit of the contract is reached'),
  linked_organization_spend_limit_reached: ownLimit,
  linked_organization_billing_unavailable: noCredit,
  ramp_limit_exceeded: transient('use of the API grows too fast'),
  organization_on_hold: fatal('the organization is on hold'),
  cmek_key_disabled: fatal("the workspace's encryption key is disabled"),
  cmek_key_unreachable: unavailable,
  cmek_context_unavailable: unavailable,
};

/** `error.type`; the only thing that tells in an error that arrives after a status of 200. */
const BY_TYPE: Record<string, Row> = {
  authentication_error: credentials,
  permission_error: forbidden,
  not_found_error: unknownModel,
  billing_error: noCredit,
  rate_limit_error: limited,
  overloaded_error: overloaded,
  api_error: unavailable,
  timeout_error: unavailable,
  conflict_error: unavailable,
  invalid_request_error: badRequest,
};

const BY_STATUS: Record<number, Row> = {
  400: badRequest,
  401: credentials,
  402: noCredit,
  403: forbidden,
  404: unknownModel,
  408: unavailable,
  409: unavailable,
  413: refusedRequest,
  422: refusedRequest,
  429: limited,
  529: overloaded,
};

/**
 * What follows from a thrown error, of the SDK's or of what lies below it. Looks at `errorCode`, then `type`, then
 * `status`; at names and texts only where there is nothing else. Source of the codes: the SDK's types, and
 * platform.claude.com/docs, "Errors" and "Rate limits". The message is not redacted yet.
 * @param now milliseconds since the epoch, for retry-after dates and the end of the month.
 * @param model the model that was asked, to name it.
 */
export function classify(error: unknown, now: number, model?: string): Failure {
  const facts = thrownFacts(error, model);
  const row =
    lookUp(BY_CODE, facts.code) ??
    lookUp(BY_TYPE, facts.type) ??
    lookUp(BY_STATUS, facts.status) ??
    (facts.status !== undefined && facts.status >= 500 ? unavailable : undefined) ??
    (facts.status === undefined ? withoutStatus(facts) : undefined) ??
    unknown;
  return row(facts, now);
}

function lookUp<K extends string | number>(rows: Record<K, Row>, key: K | undefined): Row | undefined {
  return key !== undefined && Object.hasOwn(rows, key) ? rows[key] : undefined;
}

/** The API says in words alone that a 400 is about money. */
function badRequest(facts: ThrownFacts, now: number): Failure {
  if (/specified API usage limits/i.test(facts.text)) return ownLimit(facts, now);
  if (/credit balance is too low/i.test(facts.text)) return noCredit(facts, now);
  return refusedRequest(facts, now);
}

const CONNECTION_CODES =
  /^(?:UND_ERR_\w+|E(?:CONN\w+|PIPE|TIMEDOUT|NETUNREACH|HOSTUNREACH|HOSTDOWN|AI_AGAIN|NOTFOUND))$/;
const CREDENTIAL_TEXTS =
  /Could not resolve authentication method|ANTHROPIC_PROFILE|profile name|(?:config|credentials) file|authentication\.type|ByteString|invalid header value/i;

function withoutStatus({ name, text, causeCode }: ThrownFacts): Row {
  if (name === 'TimeoutError') return ({ text }) => ({ kind: 'failed', message: text });
  if (name === 'AbortError' || name === 'APIUserAbortError') {
    return () => ({ kind: 'transient', message: 'the call was aborted' });
  }
  if (causeCode === 'ERR_INVALID_URL') return fatal('ANTHROPIC_BASE_URL is not an address');
  if (name === 'APIConnectionError' || name === 'APIConnectionTimeoutError') return unreachable;
  if (causeCode && CONNECTION_CODES.test(causeCode)) return unreachable;
  if (name === 'TypeError' && text === 'terminated') return transient('the answer broke off');
  if (name === 'SyntaxError') return transient('the answer is not JSON');
  if (name === 'WorkloadIdentityError' || CREDENTIAL_TEXTS.test(text)) {
    return fatal('there are no usable Claude credentials (set ANTHROPIC_API_KEY, or log in)');
  }
  return unknown;
}

const unreachable: Row = (facts) => ({
  kind: 'transient',
  message: `cannot reach the API: ${rootCause(facts)}`,
});

const unknown: Row = ({ text }) => ({ kind: 'failed', message: `the call failed: ${text}` });

/** Milliseconds to the first of the next month, 00:00 UTC, when a tier's spend limit starts anew. */
function untilNextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) - now;
}
