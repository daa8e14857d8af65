import { type Fault, fault } from './claude-faults.ts';
import {
  apiError,
  badRequest,
  hangUp,
  htmlPage,
  internalError,
  overloaded,
  rateLimited,
  reset,
  silence,
  spendCap,
  unauthorized,
  unknownModel,
} from './claude-replies.ts';

const status = (status: number, type: string) => () => apiError(status, type, 'Refused.');
const code = (status: number, type: string, errorCode: string) => () =>
  apiError(status, type, 'Refused.', { code: errorCode });
const headed = (status: number, type: string, headers: Record<string, string>, errorCode?: string) => () =>
  apiError(status, type, 'Refused.', { headers, ...(errorCode && { code: errorCode }) });

const forEver = { retryAfter: Number.POSITIVE_INFINITY };
const away = /not available/;
const proxy = /proxy.*ANTHROPIC_BASE_URL/;
const past = { 'retry-after': new Date(Date.now() - 60_000).toUTCString() };
/** Such a date has no milliseconds. */
const inAnHour = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);

/** Load, outages, and what lies between: it passes. */
const PASSING: Fault[] = [
  fault('429 with retry-after', 'transient', /rate limit/, () => rateLimited(7), { retryAfter: 7000 }),
  fault('429 without', 'transient', /rate limit/, status(429, 'rate_limit_error')),
  fault(
    '429 with a retry-after that is over',
    'transient',
    /rate limit/,
    headed(429, 'rate_limit_error', past),
  ),
  fault(
    '429 with a date ahead',
    'transient',
    /rate limit/,
    headed(429, 'rate_limit_error', { 'retry-after': inAnHour.toUTCString() }),
    { resumeAt: inAnHour.toISOString() },
  ),
  fault(
    '503 with a date ahead',
    'transient',
    away,
    headed(503, 'api_error', { 'retry-after': inAnHour.toUTCString() }),
    { resumeAt: inAnHour.toISOString() },
  ),
  fault('429 with a retry-after of 0', 'transient', /rate limit/, () => rateLimited(0)),
  fault(
    '429 with retry-after in milliseconds',
    'transient',
    /rate limit/,
    headed(429, 'rate_limit_error', { 'retry-after': '9', 'retry-after-ms': '1500' }),
    { retryAfter: 1500 },
  ),
  fault(
    'a ramp limit',
    'transient',
    /too fast/,
    headed(429, 'rate_limit_error', { 'retry-after': '3' }, 'ramp_limit_exceeded'),
    { retryAfter: 3000 },
  ),
  fault('529', 'transient', /overloaded/, overloaded),
  fault(
    '529 with retry-after',
    'transient',
    /overloaded/,
    headed(529, 'overloaded_error', { 'retry-after': '4' }),
    {
      retryAfter: 4000,
    },
  ),
  fault('500', 'transient', away, internalError),
  fault(
    '500 that is not to be retried, says its header',
    'transient',
    away,
    headed(500, 'api_error', { 'x-should-retry': 'false' }),
  ),
  fault('501', 'transient', away, status(501, 'api_error')),
  fault('502 of a proxy', 'transient', away, () => htmlPage(502)),
  fault('503', 'transient', away, status(503, 'api_error')),
  fault('503 with retry-after', 'transient', away, headed(503, 'api_error', { 'retry-after': '5' }), {
    retryAfter: 5000,
  }),
  fault('504', 'transient', away, status(504, 'timeout_error')),
  fault('408', 'transient', away, status(408, 'timeout_error')),
  fault('409', 'transient', away, status(409, 'conflict_error')),
  fault('499', 'transient', away, status(499, 'teapot_error')),
  fault('an unreachable encryption key', 'transient', away, code(503, 'api_error', 'cmek_key_unreachable')),
  fault(
    'an unknown state of that key',
    'transient',
    away,
    code(503, 'api_error', 'cmek_context_unavailable'),
  ),
  fault('no headers in time', 'transient', /cannot reach.*timed out/, silence, {
    headersMs: 100,
  }),
  fault('a hang-up', 'transient', /cannot reach/, hangUp),
  fault('a reset', 'transient', /cannot reach.*ECONNRESET/, reset),
  fault('a page of HTML with 400', 'transient', proxy, () => htmlPage(400)),
  fault('a page of HTML with 403', 'transient', proxy, () => htmlPage(403)),
];

/** Money: no retry helps until somebody pays, or the time is over. */
const UNPAID: Fault[] = [
  fault('the spend cap of the tier', 'transient', /monthly/, spendCap, { retryAfter: 'month' }),
  fault(
    'the spend cap of the contract',
    'transient',
    /contract/,
    code(429, 'rate_limit_error', 'contract_spend_limit_reached'),
    forEver,
  ),
  fault(
    'a spend limit of our own',
    'transient',
    /spend limit/,
    () => badRequest('You have reached your specified API usage limits.'),
    forEver,
  ),
  fault(
    "a workspace's spend limit",
    'transient',
    /spend limit/,
    () => badRequest('You have reached your specified workspace API usage limits.'),
    forEver,
  ),
  fault(
    'the spend limit of a linked organization',
    'transient',
    /spend limit/,
    code(429, 'rate_limit_error', 'linked_organization_spend_limit_reached'),
    forEver,
  ),
  fault(
    'no billing of a linked organization',
    'transient',
    /no credit/,
    code(403, 'permission_error', 'linked_organization_billing_unavailable'),
    forEver,
  ),
  fault(
    'no credit',
    'transient',
    /no credit/,
    () => badRequest('Your credit balance is too low to access the Anthropic API.'),
    forEver,
  ),
  fault('402', 'transient', /no credit/, status(402, 'billing_error'), forEver),
];

/** The call itself: this task's, or every one's. */
const WRONG: Fault[] = [
  fault('400', 'permanent', /prompt is too long/, badRequest),
  fault(
    '400 that is to be retried, says its header',
    'permanent',
    /not accept/,
    headed(400, 'invalid_request_error', { 'x-should-retry': 'true' }),
  ),
  fault('413', 'permanent', /not accept/, status(413, 'request_too_large')),
  fault('413 of what stands before the API', 'permanent', /not accept/, () => htmlPage(413)),
  fault('422', 'permanent', /not accept/, status(422, 'invalid_request_error')),
  fault('a limit of tokens that is too high', 'fatal', /--max-tokens/, () =>
    badRequest('max_tokens: 200000 > 128000'),
  ),
  fault('a parameter that the API does not know', 'fatal', /--effort/, () =>
    badRequest('output_config.effort: not supported by this model'),
  ),
  fault('401', 'fatal', /credentials/, unauthorized),
  fault('403', 'fatal', /may not/, status(403, 'permission_error')),
  fault('404', 'fatal', /does not know the model claude-sonnet-5-5/, unknownModel),
  fault(
    'an organization on hold',
    'fatal',
    /on hold/,
    code(400, 'invalid_request_error', 'organization_on_hold'),
  ),
  fault(
    'a disabled encryption key',
    'fatal',
    /encryption key/,
    code(400, 'invalid_request_error', 'cmek_key_disabled'),
  ),
  fault('431', 'fatal', /headers are too long/, status(431, 'headers_too_long')),
  fault('412', 'failed', /Refused/, status(412, 'invalid_precondition')),
  fault('418', 'failed', /Refused/, status(418, 'teapot_error')),
];

/** What comes in the place of an answer, whether it was to be streamed or not. */
export const REFUSALS: Fault[] = [...PASSING, ...UNPAID, ...WRONG];
