import type { FailureKind } from '../../src/model/failure.ts';
import type { Fault } from './claude-faults.ts';
import { htmlPage, silence } from './claude-replies.ts';
import { badEvent, cutStream, endedStream, stalledStream, streamError, streamed } from './claude-streams.ts';

/** What the API calls an error, the only thing that tells in one that arrives after a status of 200. */
const BY_TYPE: [type: string, kind: FailureKind, says: RegExp, retryAfter?: number][] = [
  ['overloaded_error', 'transient', /overloaded/],
  ['api_error', 'transient', /not available/],
  ['timeout_error', 'transient', /not available/],
  ['conflict_error', 'transient', /not available/],
  ['rate_limit_error', 'transient', /rate limit/],
  ['billing_error', 'transient', /no credit/, Number.POSITIVE_INFINITY],
  ['authentication_error', 'fatal', /credentials/],
  ['permission_error', 'fatal', /may not/],
  ['not_found_error', 'fatal', /does not know the model/],
  ['invalid_request_error', 'permanent', /not accept/],
  ['brand_new_error', 'failed', /Refused/],
];

/** What can go wrong with an answer that is streamed, once it has begun. */
export const STREAM_FAULTS: Fault[] = [
  ...BY_TYPE.map(([type, kind, says, retryAfter]): Fault => {
    const reply = () => streamError(type, 'Refused.');
    return { name: `${type} amid the text`, reply, kind, says, retryAfter, paid: 'begun' };
  }),
  {
    name: 'an error before anything else',
    reply: () => streamed({ type: 'error', error: { type: 'overloaded_error', message: 'Later.' } }),
    kind: 'transient',
    says: /overloaded/,
  },
  {
    name: 'an error with a code',
    reply: () =>
      streamed({
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'On hold.',
          details: { error_code: 'organization_on_hold' },
        },
      }),
    kind: 'fatal',
    says: /on hold/,
  },
  {
    name: 'a spend cap amid the stream',
    reply: () =>
      streamed({
        type: 'error',
        error: {
          type: 'rate_limit_error',
          message: 'No more.',
          details: { error_code: 'enforced_spend_limit_reached' },
        },
      }),
    kind: 'transient',
    says: /monthly/,
    retryAfter: 'month',
  },
  { name: 'a cut', reply: cutStream, kind: 'transient', says: /broke off|cannot reach/, paid: 'begun' },
  { name: 'an early end', reply: endedStream, kind: 'transient', says: /broke off/, paid: 'begun' },
  { name: 'an event that is no JSON', reply: badEvent, kind: 'transient', says: /not JSON/, paid: 'begun' },
  { name: 'no event at all', reply: () => streamed(), kind: 'transient', says: /not a message/ },
  { name: 'a page of HTML', reply: htmlPage, kind: 'transient', says: /not a message.*ANTHROPIC_BASE_URL/ },
  {
    name: 'a stall',
    reply: stalledStream,
    kind: 'transient',
    says: /the answer stalled/,
    paid: 'begun',
    idleMs: 100,
  },
  {
    name: 'a stall until the deadline',
    reply: stalledStream,
    kind: 'failed',
    says: /no whole answer within 0.15 s/,
    paid: 'begun',
    timeoutMs: 150,
  },
  { name: "the caller's abort", reply: silence, kind: 'transient', says: /aborted/, aborted: true },
  {
    name: "the caller's abort amid the text",
    reply: stalledStream,
    kind: 'transient',
    says: /aborted/,
    aborted: true,
  },
  {
    name: 'nothing until the deadline',
    reply: silence,
    kind: 'failed',
    says: /no whole answer within 0.15 s/,
    timeoutMs: 150,
  },
];
