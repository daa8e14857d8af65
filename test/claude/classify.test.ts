import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
} from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import { classify } from '../../src/claude/classify.ts';
import { isoTime } from '../../src/model/clock.ts';
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

/** As the SDK throws it when it cannot obtain a token. */
function workload(text: string, statusCode: number | null = null) {
  return Object.assign(new Error(text), { name: 'WorkloadIdentityError', statusCode });
}

const FOR_EVER = Number.POSITIVE_INFINITY;

const rows: [string, unknown, Partial<Failure>][] = [
  ['400', apiError(400, 'invalid_request_error'), { kind: 'permanent' }],
  ['400 without a type, which some proxy sent', apiError(400), { kind: 'transient' }],
  ['401', apiError(401, 'authentication_error'), { kind: 'fatal' }],
  ['401 without a body', apiError(401), { kind: 'fatal' }],
  ['402', apiError(402, 'billing_error'), { kind: 'transient', retryAfterMs: FOR_EVER }],
  ['402 without a body', apiError(402), { kind: 'transient', retryAfterMs: FOR_EVER }],
  ['403', apiError(403, 'permission_error'), { kind: 'fatal' }],
  ['403 without a type, which some proxy sent', apiError(403), { kind: 'transient' }],
  ['404', apiError(404, 'not_found_error'), { kind: 'fatal' }],
  ['404 without a body', apiError(404), { kind: 'fatal' }],
  ['405', apiError(405), { kind: 'failed' }],
  ['408', apiError(408), { kind: 'transient' }],
  ['409', apiError(409), { kind: 'transient' }],
  ['413', apiError(413, 'request_too_large'), { kind: 'permanent' }],
  ['422', apiError(422), { kind: 'permanent' }],
  ['429', apiError(429, 'rate_limit_error'), { kind: 'transient' }],
  ['429 without a body', apiError(429), { kind: 'transient' }],
  ['412', apiError(412), { kind: 'failed' }],
  ['431', apiError(431), { kind: 'fatal' }],
  ['499', apiError(499), { kind: 'transient' }],
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
    invalid('You have reached your specified API usage limits. Raise them.'),
    { kind: 'transient', retryAfterMs: FOR_EVER },
  ],
  ...(
    [
      ['on 2026-12-01 at 00:00 UTC', TO_DECEMBER],
      ['on 2026-12-01 at 06:30 UTC', TO_DECEMBER + 6.5 * 3_600_000],
      ['on 2026-12-01', TO_DECEMBER],
      ['on 2026-11-01 at 00:00 UTC', FOR_EVER],
      ['on 2026-13-41 at 00:00 UTC', FOR_EVER],
    ] as const
  ).map(([until, wait]): (typeof rows)[number] => [
    `a spend limit of our own that ends ${until}`,
    invalid(`You have reached your specified API usage limits. You will regain access ${until}.`),
    { kind: 'transient', retryAfterMs: wait },
  ]),
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
  [
    'an answer that is not JSON, without a word of it',
    new SyntaxError('Unexpected token in "secret"'),
    { kind: 'transient', message: 'the answer is not JSON (check ANTHROPIC_BASE_URL)' },
  ],
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
  ['a token endpoint that is busy', workload('Token exchange failed', 429), { kind: 'transient' }],
  ['a token endpoint that is down', workload('Token exchange failed', 503), { kind: 'transient' }],
  [
    'a token endpoint that is not there',
    workload('User OAuth refresh failed to reach token endpoint: TypeError: fetch failed'),
    { kind: 'transient' },
  ],
  [
    'credentials that are no JSON, without a word of them',
    workload('Credentials file at /c.json is not valid JSON: SyntaxError: Unexpected token in "sk-0'),
    {
      kind: 'fatal',
      message:
        'there are no usable Claude credentials (set ANTHROPIC_API_KEY, or log in): Credentials file at /c.json is not valid JSON',
    },
  ],
  ['a token endpoint that refuses', workload('Token exchange failed', 401), { kind: 'fatal' }],
  [
    'a missing identity token',
    new Error('Failed to read identity token file at /gone: Error: ENOENT'),
    { kind: 'fatal' },
  ],
  ['a defect', new TypeError('x is not a function'), { kind: 'failed' }],
  ['a thrown string', 'boom', { kind: 'failed', message: 'the call failed: boom' }],
  ['undefined', undefined, { kind: 'failed' }],
];

describe('classify', () => {
  test.each(rows)('%s', (_, error, expected) => {
    const { message, resumeAt, ...rest } = classify(error, NOW);
    const { message: expectedMessage = message, ...expectedRest } = expected;
    expect(rest).toEqual(expectedRest);
    const { retryAfterMs = FOR_EVER } = expected;
    expect(resumeAt).toBe(retryAfterMs === FOR_EVER ? undefined : isoTime(NOW + retryAfterMs));
    expect(message).toBe(expectedMessage);
    expect(message).not.toBe('');
  });

  test("uses the API's own words, not the whole body", () => {
    expect(classify(apiError(529, 'overloaded_error'), NOW).message).toBe(
      'the API is overloaded: The API said so.',
    );
  });

  test.each([
    'max_tokens: 200000 > 128000',
    'output_config.format.schema: not supported',
    'effort: not supported by this model',
    'model: field required',
    'system: text content blocks must be non-empty',
  ])('takes a 400 about what every task is sent with for fatal: %s', (text) => {
    expect(classify(invalid(text), NOW).kind).toBe('fatal');
  });

  test.each(['messages.0: max_tokens: x', 'models: x', 'maximum'])(
    'takes a 400 about this task for permanent: %s',
    (text) => {
      expect(classify(invalid(text), NOW).kind).toBe('permanent');
    },
  );

  test.each([
    ['an unknown scheme', 'unknown scheme', undefined],
    ['a port that is not allowed', 'bad port', undefined],
    ['a wrong TLS version', 'write EPROTO', 'EPROTO'],
    ['no TLS', 'wrong version number', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['a certificate of nobody', 'self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['a certificate of a stranger', 'no issuer', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ['an old certificate', 'certificate has expired', 'CERT_HAS_EXPIRED'],
    ['a TLS without anything in common', 'handshake failure', 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'],
    ["another's certificate", 'altname', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('takes %s for a wrong address', (_, text, code) => {
    const cause = new TypeError('fetch failed', { cause: Object.assign(new Error(text), code && { code }) });
    const failure = classify(new APIConnectionError({ cause }), NOW);
    expect(failure).toEqual({ kind: 'fatal', message: expect.stringContaining('ANTHROPIC_BASE_URL') });
  });

  test.each([
    ['while it connects', fetchFailed('ERR_SSL_SSL/TLS_ALERT_INTERNAL_ERROR')],
    ['amid an answer', new TypeError('terminated', { cause: caused('x', 'ERR_SSL_BAD_RECORD_MAC') })],
  ])('takes a line that breaks TLS %s for a passing failure', (_, error) => {
    expect(classify(error, NOW).kind).toBe('transient');
  });

  test('names the model that is not known', () => {
    expect(classify(apiError(404, 'not_found_error'), NOW, 'claude-zero').message).toContain('claude-zero');
  });

  test('names the innermost cause of a connection that failed', () => {
    expect(classify(fetchFailed('ECONNREFUSED'), NOW).message).toBe(
      'cannot reach the API: connect ECONNREFUSED',
    );
  });

  test('ends with a cause that causes itself', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(classify(loop, NOW).kind).toBe('failed');
  });

  test.each([
    ['December', Date.UTC(2026, 11, 31, 23, 59, 59), 1000],
    ['February of a leap year', Date.UTC(2028, 1, 29), 24 * 3600 * 1000],
  ])('reckons to the end of %s', (_, now, wait) => {
    const cap = apiError(429, 'rate_limit_error', 'enforced_spend_limit_reached');
    expect(classify(cap, now)).toMatchObject({ retryAfterMs: wait, resumeAt: isoTime(now + wait) });
  });
});
