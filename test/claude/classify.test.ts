import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
} from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { classify } from '../../src/claude/classify.ts';
import type { Failure } from '../../src/model/failure.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const TO_DECEMBER = Date.UTC(2026, 11, 1) - NOW;

function apiError(status: number, type?: string, code?: string, headers = {}, text = 'The API said so.') {
  const details = code === undefined ? {} : { details: { error_code: code } };
  const body = type === undefined ? undefined : { type: 'error', error: { type, message: text, ...details } };
  return APIError.generate(status, body, 'No body.', new Headers(headers));
}

function invalid(text: string) {
  return apiError(400, 'invalid_request_error', undefined, {}, text);
}

/** As the SDK throws it for an error event in a stream: the answer's status was 200. */
function typed(type: 'overloaded_error' | 'api_error' | 'invalid_request_error') {
  return new APIError(undefined, { error: { type, message: 'late' } }, undefined, undefined);
}

function caused(message: string, code: string) {
  return Object.assign(new Error(message), { code });
}

function fetchFailed(code: string) {
  const cause = new TypeError('fetch failed', { cause: caused(`connect ${code}`, code) });
  return new APIConnectionError({ cause });
}

const FOR_EVER = Number.POSITIVE_INFINITY;

const rows: [string, unknown, Partial<Failure>][] = [
  ['400', apiError(400, 'invalid_request_error'), { kind: 'permanent' }],
  ['400 without a body', apiError(400), { kind: 'permanent' }],
  ['401', apiError(401, 'authentication_error'), { kind: 'fatal' }],
  ['401 without a body', apiError(401), { kind: 'fatal' }],
  ['402', apiError(402, 'billing_error'), { kind: 'transient', retryAfterMs: FOR_EVER }],
  ['402 without a body', apiError(402), { kind: 'transient', retryAfterMs: FOR_EVER }],
  ['403', apiError(403, 'permission_error'), { kind: 'fatal' }],
  ['403 without a body', apiError(403), { kind: 'fatal' }],
  ['404', apiError(404, 'not_found_error'), { kind: 'fatal' }],
  ['404 without a body', apiError(404), { kind: 'fatal' }],
  ['405', apiError(405), { kind: 'failed' }],
  ['408', apiError(408), { kind: 'transient' }],
  ['409', apiError(409), { kind: 'transient' }],
  ['413', apiError(413, 'request_too_large'), { kind: 'permanent' }],
  ['422', apiError(422), { kind: 'permanent' }],
  ['429', apiError(429, 'rate_limit_error'), { kind: 'transient' }],
  ['429 without a body', apiError(429), { kind: 'transient' }],
  ['500', apiError(500, 'api_error'), { kind: 'transient' }],
  ['501', apiError(501), { kind: 'transient' }],
  ['502 with a page', apiError(502), { kind: 'transient' }],
  ['503', apiError(503), { kind: 'transient' }],
  ['504', apiError(504, 'timeout_error'), { kind: 'transient' }],
  ['529', apiError(529, 'overloaded_error'), { kind: 'transient' }],
  ['a type of 200', typed('overloaded_error'), { kind: 'transient' }],
  ['another type of 200', typed('invalid_request_error'), { kind: 'permanent' }],
  ['a type before its status', apiError(400, 'authentication_error'), { kind: 'fatal' }],
  [
    'a code before its type',
    apiError(400, 'invalid_request_error', 'organization_on_hold'),
    { kind: 'fatal' },
  ],
  ['an unknown code is its type', apiError(403, 'permission_error', 'brand_new'), { kind: 'fatal' }],
  ['an unknown type is its status', apiError(422, 'brand_new'), { kind: 'permanent' }],
  ['a code that every object has', apiError(422, 'toString', 'constructor'), { kind: 'permanent' }],
  [
    'a disabled encryption key',
    apiError(400, 'invalid_request_error', 'cmek_key_disabled'),
    { kind: 'fatal' },
  ],
  [
    'an unreachable encryption key',
    apiError(503, 'api_error', 'cmek_key_unreachable'),
    { kind: 'transient' },
  ],
  [
    'the spend limit of the tier lasts to the first of next month',
    apiError(429, 'rate_limit_error', 'enforced_spend_limit_reached'),
    { kind: 'transient', retryAfterMs: TO_DECEMBER },
  ],
  [
    'the spend limit of the contract',
    apiError(429, 'rate_limit_error', 'contract_spend_limit_reached', { 'retry-after': '1' }),
    { kind: 'transient', retryAfterMs: FOR_EVER },
  ],
  [
    'a spend limit of our own',
    invalid('You have reached your specified API usage limits. You will regain access on 2026-12-01.'),
    { kind: 'transient', retryAfterMs: FOR_EVER },
  ],
  [
    'no credit',
    invalid('Your credit balance is too low to access the Anthropic API.'),
    { kind: 'transient', retryAfterMs: FOR_EVER },
  ],
  [
    'a ramp limit waits as it is told',
    apiError(429, 'rate_limit_error', 'ramp_limit_exceeded', { 'retry-after': '20' }),
    { kind: 'transient', retryAfterMs: 20_000 },
  ],
  [
    'a 429 waits as it is told',
    apiError(429, 'rate_limit_error', undefined, { 'retry-after': '12' }),
    { kind: 'transient', retryAfterMs: 12_000 },
  ],
  [
    'so does a 529',
    apiError(529, 'overloaded_error', undefined, { 'retry-after': '4' }),
    { kind: 'transient', retryAfterMs: 4000 },
  ],
  ['a refused connection', fetchFailed('ECONNREFUSED'), { kind: 'transient' }],
  ['an unknown host', fetchFailed('ENOTFOUND'), { kind: 'transient' }],
  ['a connection that takes too long', new APIConnectionTimeoutError(), { kind: 'transient' }],
  [
    'a cut body',
    new TypeError('terminated', { cause: caused('other side closed', 'UND_ERR_SOCKET') }),
    { kind: 'transient' },
  ],
  ['a cut body without a cause', new TypeError('terminated'), { kind: 'transient' }],
  ['a reset', caused('read ECONNRESET', 'ECONNRESET'), { kind: 'transient' }],
  ['an answer that is not JSON', new SyntaxError('Unexpected token'), { kind: 'transient' }],
  ['a deadline', new DOMException('too late', 'TimeoutError'), { kind: 'failed', message: 'too late' }],
  ['an abort', new DOMException('stop', 'AbortError'), { kind: 'transient' }],
  ["the SDK's abort", new APIUserAbortError(), { kind: 'transient' }],
  ['an address that is none', caused('Invalid URL', 'ERR_INVALID_URL'), { kind: 'fatal' }],
  [
    'no credentials',
    new Error('Could not resolve authentication method. Expected one of'),
    { kind: 'fatal' },
  ],
  [
    'a missing profile',
    new Error('ANTHROPIC_PROFILE names the profile "x", but it does not exist'),
    { kind: 'fatal' },
  ],
  [
    'a key that is no header',
    new TypeError('Headers.append: "x" is an invalid header value.'),
    { kind: 'fatal' },
  ],
  ['a defect', new TypeError('x is not a function'), { kind: 'failed' }],
  ['a thrown string', 'boom', { kind: 'failed', message: 'the call failed: boom' }],
  ['undefined', undefined, { kind: 'failed' }],
];

describe('classify', () => {
  it.each(rows)('%s', (_, error, expected) => {
    const { message, ...rest } = classify(error, NOW);
    const { message: expectedMessage = message, ...expectedRest } = expected;
    expect(rest).toEqual(expectedRest);
    expect(message).toBe(expectedMessage);
    expect(message).not.toBe('');
  });

  it("uses the API's own words, not the whole body", () => {
    expect(classify(apiError(529, 'overloaded_error'), NOW).message).toBe(
      'the API is overloaded: The API said so.',
    );
  });

  it('names the model that is not known', () => {
    expect(classify(apiError(404, 'not_found_error'), NOW, 'claude-zero').message).toContain('claude-zero');
  });

  it('names the innermost cause of a connection that failed', () => {
    expect(classify(fetchFailed('ECONNREFUSED'), NOW).message).toBe(
      'cannot reach the API: connect ECONNREFUSED',
    );
  });

  it('ends with a cause that causes itself', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(classify(loop, NOW).kind).toBe('failed');
  });

  it.each([
    ['December', Date.UTC(2026, 11, 31, 23, 59, 59), 1000],
    ['February of a leap year', Date.UTC(2028, 1, 29), 24 * 3600 * 1000],
  ])('reckons to the end of %s', (_, now, wait) => {
    const cap = apiError(429, 'rate_limit_error', 'enforced_spend_limit_reached');
    expect(classify(cap, now).retryAfterMs).toBe(wait);
  });
});
