import type { Failure } from '../model/failure.ts';
import { fatal, permanent, type Row, transient, unpaid } from './rows.ts';
import { type ThrownFacts, thrownFacts } from './thrown.ts';
import { unknown, withoutStatus } from './without-status.ts';

const credentials = fatal('Claude refused the credentials (check ANTHROPIC_API_KEY, or log in again)');
const forbidden = fatal('these credentials may not do this (check the key, its workspace and the model)');
const limited = transient('the rate limit is reached');
const unavailable = transient('the API is not available for now');
const overloaded = transient('the API is overloaded');
const ownLimit = unpaid('the spend limit is reached (raise it in the Claude Console)', untilRegained);
const noCredit = unpaid('there is no credit (see Billing in the Claude Console)');
const refusedRequest = permanent('the API does not accept this request');
const wrongForAll = fatal(
  'the API does not accept what every task is sent with (check --model, --escalate, --verifier-model, --effort and --max-tokens)',
);
const tooManyHeaders = fatal(
  'the headers are too long (check ANTHROPIC_API_KEY and ANTHROPIC_CUSTOM_HEADERS)',
);
const notTheApi = transient('a proxy and not the API refused this (check ANTHROPIC_BASE_URL)');

const unknownModel: Row = ({ text, model }) => ({
  kind: 'fatal',
  message: `the API does not know ${model ? `the model ${model}` : 'this model'}, or the address is wrong (check --model, --escalate, --verifier-model and ANTHROPIC_BASE_URL): ${text}`,
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
  403: (facts, now) => (facts.type === undefined ? notTheApi : forbidden)(facts, now),
  404: unknownModel,
  408: unavailable,
  409: unavailable,
  413: refusedRequest,
  422: refusedRequest,
  429: limited,
  431: tooManyHeaders,
  499: unavailable,
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

/** What we send with every task, as the API's text begins when it is about that. */
const OUR_PARAMETERS = /^(?:max_tokens:|output_config\b|effort\b|model:|system:)/;

/** The API says in words alone that a 400 is about money, and which parameter it is about. */
function badRequest(facts: ThrownFacts, now: number): Failure {
  if (/specified (?:workspace )?API usage limits/i.test(facts.text)) return ownLimit(facts, now);
  if (/credit balance is too low/i.test(facts.text)) return noCredit(facts, now);
  if (facts.type === undefined) return notTheApi(facts, now);
  return (OUR_PARAMETERS.test(facts.text) ? wrongForAll : refusedRequest)(facts, now);
}

/** Milliseconds until the time that the text names: `You will regain access on 2026-12-01 at 00:00 UTC`. */
function untilRegained(now: number, text: string): number {
  const [, day, time = '00:00'] = /regain access on ([\d-]+)(?: at ([\d:]+) UTC)?/.exec(text) ?? [];
  const wait = Date.parse(`${day}T${time}Z`) - now;
  return wait > 0 ? wait : Number.POSITIVE_INFINITY;
}

/** Milliseconds to the first of the next month, 00:00 UTC, when a tier's spend limit starts anew. */
function untilNextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) - now;
}
