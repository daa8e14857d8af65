import type { FailureKind } from '../../src/model/failure.ts';
import {
  apiError,
  badJson,
  cutBody,
  cutShort,
  emptyText,
  headersAlone,
  htmlPage,
  message,
  type Reply,
  refusal,
  silence,
  stalledBody,
} from './claude-replies.ts';
import type { FaultServer } from './fault-server.ts';

/** One way in which a call can go wrong, and what it must be taken for. */
export interface Fault {
  name: string;
  kind: FailureKind;
  /** A part of the message. */
  says: RegExp;
  /** What the server does with the call. Default: it answers well. */
  reply?: () => Reply;
  /** Makes the surroundings wrong. `dir`: a folder of the test's own. */
  prepare?: (server: FaultServer, dir: string) => void | Promise<void>;
  /** Calls that arrive at the API. Default 1. */
  calls?: number;
  /** Milliseconds; `month` stands for the rest of this one. */
  retryAfter?: number | 'month';
  /** Where the answer names a moment, ISO 8601. */
  resumeAt?: string;
  /** The call is paid for although it failed; `begun`: as far as the beginning of a stream tells it. */
  paid?: true | 'begun';
  /** Milliseconds until our own deadline, where that is what ends it. */
  timeoutMs?: number;
  /** Milliseconds that an answer may stall, once it has begun. */
  idleMs?: number;
  /** Milliseconds after which the connection gives up without headers, as Node's own does after 300 s. */
  headersMs?: number;
  /** The caller aborts it once it has arrived. */
  aborted?: true;
}

/** Writes a row of the matrix down in a line or two. */
export function fault(
  name: string,
  kind: FailureKind,
  says: RegExp,
  reply?: () => Reply,
  more: Partial<Fault> = {},
): Fault {
  return { name, kind, says, ...(reply && { reply }), ...more };
}

const stopped = (stopReason: string | null) => () => message({ stopReason });
const paid = { paid: true } as const;

/** What arrives whole and is no answer to work with, in one piece or streamed. */
export const UNUSABLE: Fault[] = [
  fault('a refusal', 'failed', /refused \(cyber\): This asks for harm/, refusal, paid),
  fault('max_tokens', 'failed', /max_tokens.*--max-tokens/, cutShort, paid),
  fault(
    'a full context window',
    'failed',
    /context window.*--max-tokens/,
    stopped('model_context_window_exceeded'),
    paid,
  ),
  fault(
    'max_tokens amid thinking',
    'failed',
    /max_tokens.*thinking counts/,
    () => message({ thinking: 'Well', text: '', stopReason: 'max_tokens' }),
    paid,
  ),
  fault('a call of a tool that nobody offered', 'failed', /tool_use/, stopped('tool_use'), paid),
  fault('an empty text', 'failed', /no text/, emptyText, paid),
  fault('an unfinished turn', 'failed', /pause_turn/, stopped('pause_turn'), paid),
  fault('a stop sequence that nobody set', 'failed', /stop_sequence/, stopped('stop_sequence'), paid),
  fault('a stop reason of the future', 'failed', /out_of_ideas/, stopped('out_of_ideas'), paid),
  fault('no stop reason', 'failed', /missing/, stopped(null), paid),
];

const odd200 = (type: string) => () => apiError(200, type, 'Refused.');
const soon = { timeoutMs: 150 };
const late = /no whole answer within 0.15 s/;

/** What can go wrong with an answer in one piece, once it has begun. */
export const WHOLE_FAULTS: Fault[] = [
  fault('a cut body', 'transient', /broke off|cannot reach/, cutBody),
  fault('bad JSON', 'transient', /not JSON/, badJson),
  fault('a page of HTML', 'transient', /not a message.*ANTHROPIC_BASE_URL/, htmlPage),
  fault(
    'a message without content',
    'transient',
    /not a message.*ANTHROPIC_BASE_URL/,
    () => message({ content: null }),
    paid,
  ),
  fault('an error with 200', 'transient', /overloaded/, odd200('overloaded_error')),
  fault('another error with 200', 'fatal', /credentials/, odd200('authentication_error')),
  fault('no answer until the deadline', 'failed', late, silence, soon),
  fault('a stalled body', 'transient', /the answer stalled/, stalledBody, { idleMs: 100 }),
  fault('headers without a body', 'transient', /the answer stalled/, headersAlone, { idleMs: 100 }),
  fault('half an answer until the deadline', 'failed', late, stalledBody, soon),
  fault("the caller's abort", 'transient', /aborted/, silence, { aborted: true }),
  fault("the caller's abort amid the body", 'transient', /aborted/, stalledBody, { aborted: true }),
];
