import type { FailureKind } from '../../src/model/failure.ts';
import {
  apiError,
  badJson,
  badRequest,
  cutBody,
  cutShort,
  emptyText,
  hangUp,
  htmlPage,
  internalError,
  message,
  overloaded,
  type Reply,
  rateLimited,
  refusal,
  silence,
  spendCap,
  stalledBody,
  unauthorized,
  unknownModel,
} from './claude-replies.ts';

/** One way in which a call can go wrong, and what it must be taken for. */
export interface Fault {
  name: string;
  reply: () => Reply;
  kind: FailureKind;
  /** A part of the message. */
  says: RegExp;
  /** Milliseconds; `month` stands for the rest of this one. */
  retryAfter?: number | 'month';
  /** The call is paid for although it failed; `begun`: as far as the beginning of a stream tells it. */
  paid?: true | 'begun';
  /** Milliseconds until our own deadline, where that is what ends it. */
  timeoutMs?: number;
  /** Milliseconds that a stream may stall. */
  idleMs?: number;
}

const code = (status: number, type: string, errorCode: string) => () =>
  apiError(status, type, 'Refused.', { code: errorCode });
const status = (status: number, type: string) => () => apiError(status, type, 'Refused.');

const retryAfter = (headers: Record<string, string>) => () =>
  apiError(429, 'rate_limit_error', 'Too many requests.', { headers });

/** What arrives whole and is no answer to work with, in one piece or streamed. */
export const UNUSABLE: Fault[] = [
  {
    name: 'a refusal',
    reply: refusal,
    kind: 'failed',
    says: /refused \(cyber\): This asks for harm/,
    paid: true,
  },
  { name: 'max_tokens', reply: cutShort, kind: 'failed', says: /max_tokens.*--max-tokens/, paid: true },
  {
    name: 'a full context window',
    reply: () => message({ stopReason: 'model_context_window_exceeded' }),
    kind: 'failed',
    says: /context window.*--max-tokens/,
    paid: true,
  },
  {
    name: 'max_tokens amid thinking',
    reply: () => message({ thinking: 'Well', text: '', stopReason: 'max_tokens' }),
    kind: 'failed',
    says: /max_tokens.*thinking counts/,
    paid: true,
  },
  {
    name: 'a call of a tool that nobody offered',
    reply: () => message({ stopReason: 'tool_use' }),
    kind: 'failed',
    says: /tool_use/,
    paid: true,
  },
  { name: 'an empty text', reply: emptyText, kind: 'failed', says: /no text/, paid: true },
  {
    name: 'an unfinished turn',
    reply: () => message({ stopReason: 'pause_turn' }),
    kind: 'failed',
    says: /pause_turn/,
    paid: true,
  },
  {
    name: 'a stop sequence that nobody set',
    reply: () => message({ stopReason: 'stop_sequence' }),
    kind: 'failed',
    says: /stop_sequence/,
    paid: true,
  },
  {
    name: 'no stop reason',
    reply: () => message({ stopReason: null }),
    kind: 'failed',
    says: /missing/,
    paid: true,
  },
];

/** Every row of the classification that a server can bring about, for an answer in one piece. */
export const FAULTS: Fault[] = [
  ...UNUSABLE,
  {
    name: '429 with retry-after',
    reply: () => rateLimited(7),
    kind: 'transient',
    says: /rate limit/,
    retryAfter: 7000,
  },
  { name: '429 without', reply: status(429, 'rate_limit_error'), kind: 'transient', says: /rate limit/ },
  { name: '529', reply: overloaded, kind: 'transient', says: /overloaded/ },
  {
    name: '429 with retry-after as a date that is over',
    reply: retryAfter({ 'retry-after': new Date(Date.now() - 60_000).toUTCString() }),
    kind: 'transient',
    says: /rate limit/,
  },
  {
    name: '429 with retry-after in milliseconds',
    reply: retryAfter({ 'retry-after': '9', 'retry-after-ms': '1500' }),
    kind: 'transient',
    says: /rate limit/,
    retryAfter: 1500,
  },
  {
    name: '529 with retry-after',
    reply: () => apiError(529, 'overloaded_error', 'Overloaded', { headers: { 'retry-after': '4' } }),
    kind: 'transient',
    says: /overloaded/,
    retryAfter: 4000,
  },
  {
    name: '500 that is not to be retried, says its header',
    reply: () => apiError(500, 'api_error', 'No.', { headers: { 'x-should-retry': 'false' } }),
    kind: 'transient',
    says: /not available/,
  },
  {
    name: '400 that is to be retried, says its header',
    reply: () => apiError(400, 'invalid_request_error', 'No.', { headers: { 'x-should-retry': 'true' } }),
    kind: 'permanent',
    says: /not accept/,
  },
  { name: '500', reply: internalError, kind: 'transient', says: /not available/ },
  { name: '501', reply: status(501, 'api_error'), kind: 'transient', says: /not available/ },
  { name: '502 of a proxy', reply: () => htmlPage(502), kind: 'transient', says: /not available/ },
  { name: '499', reply: status(499, 'teapot_error'), kind: 'transient', says: /not available/ },
  { name: '503', reply: status(503, 'api_error'), kind: 'transient', says: /not available/ },
  { name: '504', reply: status(504, 'timeout_error'), kind: 'transient', says: /not available/ },
  { name: '408', reply: status(408, 'timeout_error'), kind: 'transient', says: /not available/ },
  { name: '409', reply: status(409, 'conflict_error'), kind: 'transient', says: /not available/ },
  { name: 'a cut body', reply: cutBody, kind: 'transient', says: /broke off|cannot reach/ },
  { name: 'a hang-up', reply: hangUp, kind: 'transient', says: /cannot reach/ },
  { name: 'bad JSON', reply: badJson, kind: 'transient', says: /not JSON/ },
  { name: 'a page of HTML', reply: htmlPage, kind: 'transient', says: /not a message.*ANTHROPIC_BASE_URL/ },
  {
    name: 'a page of HTML with 400',
    reply: () => htmlPage(400),
    kind: 'transient',
    says: /proxy.*ANTHROPIC_BASE_URL/,
  },
  {
    name: 'a page of HTML with 403',
    reply: () => htmlPage(403),
    kind: 'transient',
    says: /proxy.*ANTHROPIC_BASE_URL/,
  },
  {
    name: 'a message without content',
    reply: () => message({ content: null }),
    kind: 'transient',
    says: /not a message.*ANTHROPIC_BASE_URL/,
    paid: true,
  },
  {
    name: 'an error with 200',
    reply: status(200, 'overloaded_error'),
    kind: 'transient',
    says: /overloaded/,
  },
  {
    name: 'another error with 200',
    reply: status(200, 'authentication_error'),
    kind: 'fatal',
    says: /credentials/,
  },
  {
    name: 'a limit of tokens that is too high',
    reply: () => badRequest('max_tokens: 200000 > 128000'),
    kind: 'fatal',
    says: /--max-tokens/,
  },
  {
    name: 'the spend cap of the tier',
    reply: spendCap,
    kind: 'transient',
    says: /monthly/,
    retryAfter: 'month',
  },
  {
    name: 'the spend cap of the contract',
    reply: code(429, 'rate_limit_error', 'contract_spend_limit_reached'),
    kind: 'transient',
    says: /contract/,
    retryAfter: Number.POSITIVE_INFINITY,
  },
  {
    name: 'a spend limit of our own',
    reply: () => badRequest('You have reached your specified API usage limits.'),
    kind: 'transient',
    says: /spend limit/,
    retryAfter: Number.POSITIVE_INFINITY,
  },
  {
    name: 'no credit',
    reply: () => badRequest('Your credit balance is too low to access the Anthropic API.'),
    kind: 'transient',
    says: /no credit/,
    retryAfter: Number.POSITIVE_INFINITY,
  },
  {
    name: '402',
    reply: status(402, 'billing_error'),
    kind: 'transient',
    says: /no credit/,
    retryAfter: Number.POSITIVE_INFINITY,
  },
  {
    name: 'a ramp limit',
    reply: () =>
      apiError(429, 'rate_limit_error', 'Slow down.', {
        code: 'ramp_limit_exceeded',
        headers: { 'retry-after': '3' },
      }),
    kind: 'transient',
    says: /too fast/,
    retryAfter: 3000,
  },
  { name: '400', reply: badRequest, kind: 'permanent', says: /prompt is too long/ },
  { name: '413', reply: status(413, 'request_too_large'), kind: 'permanent', says: /not accept/ },
  { name: '422', reply: status(422, 'invalid_request_error'), kind: 'permanent', says: /not accept/ },
  { name: '401', reply: unauthorized, kind: 'fatal', says: /credentials/ },
  { name: '403', reply: status(403, 'permission_error'), kind: 'fatal', says: /may not/ },
  { name: '404', reply: unknownModel, kind: 'fatal', says: /does not know the model claude-sonnet-5-5/ },
  {
    name: 'an organization on hold',
    reply: code(400, 'invalid_request_error', 'organization_on_hold'),
    kind: 'fatal',
    says: /on hold/,
  },
  {
    name: 'a disabled encryption key',
    reply: code(400, 'invalid_request_error', 'cmek_key_disabled'),
    kind: 'fatal',
    says: /encryption key/,
  },
  {
    name: 'an unreachable encryption key',
    reply: code(503, 'api_error', 'cmek_key_unreachable'),
    kind: 'transient',
    says: /not available/,
  },
  {
    name: 'an unavailable context of the encryption key',
    reply: code(503, 'api_error', 'cmek_context_unavailable'),
    kind: 'transient',
    says: /not available/,
  },
  {
    name: 'the spend limit of a linked organization',
    reply: code(429, 'rate_limit_error', 'linked_organization_spend_limit_reached'),
    kind: 'transient',
    says: /spend limit/,
    retryAfter: Number.POSITIVE_INFINITY,
  },
  {
    name: 'no billing of a linked organization',
    reply: code(403, 'permission_error', 'linked_organization_billing_unavailable'),
    kind: 'transient',
    says: /no credit/,
    retryAfter: Number.POSITIVE_INFINITY,
  },
  {
    name: 'a parameter that the API does not know',
    reply: () => badRequest('output_config.effort: not supported by this model'),
    kind: 'fatal',
    says: /--effort/,
  },
  { name: '412', reply: status(412, 'invalid_precondition'), kind: 'failed', says: /Refused/ },
  { name: '431', reply: status(431, 'headers_too_long'), kind: 'fatal', says: /headers are too long/ },
  { name: '418', reply: status(418, 'teapot_error'), kind: 'failed', says: /Refused/ },
  {
    name: 'no answer until the deadline',
    reply: silence,
    kind: 'failed',
    says: /no whole answer within 0.15 s/,
    timeoutMs: 150,
  },
  {
    name: 'half an answer until the deadline',
    reply: stalledBody,
    kind: 'failed',
    says: /no whole answer within 0.15 s/,
    timeoutMs: 150,
  },
];
