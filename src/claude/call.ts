import type { Anthropic, Middleware } from '@anthropic-ai/sdk';
import { LONGEST_TIMER_MS } from '../model/clock.ts';
import type { Answer, AskOptions, ClaudeRequest } from './ask.ts';
import { classify } from './classify.ts';
import { telling } from './governor/middleware.ts';
import type { Turn } from './governor/turn.ts';
import { isLost } from './lost.ts';
import { mustStream } from './models.ts';
import { parameters } from './parameters.ts';
import type { PriceTable } from './prices.ts';
import { errorIn, readBody, readPart } from './read-body.ts';
import { withoutWarnings } from './sdk-log.ts';
import { type Arrived, readStream } from './streamed.ts';

interface CallParts {
  client: Promise<Anthropic>;
  turn: Turn;
  prices: PriceTable;
}

/** What is seen of a call while it is under way. */
interface Sight {
  sent: boolean;
  /** Status and headers of its answer have come. */
  answered: boolean;
  /** Of a stream. */
  arrived?: Arrived;
}

/**
 * The SDK's own timeout only ends the wait for an answer's first byte. Ours covers all of it and must be the one that
 * speaks, so the SDK's comes later.
 */
const SDK_TIMEOUT_GRACE_MS = 60_000;

const ABORTED = new DOMException('aborted', 'AbortError');

/** Makes one call, and ends its turn. The deadline begins now. Never rejects; what it says of a failure is not redacted. */
export async function call(
  request: ClaudeRequest,
  { signal, timeoutMs }: AskOptions,
  { client, turn, prices }: CallParts,
): Promise<Answer> {
  const deadlineMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
  const deadline = new AbortController();
  const tooLate = new DOMException(`no whole answer within ${deadlineMs / 1000} s`, 'TimeoutError');
  const timer = setTimeout(() => deadline.abort(tooLate), deadlineMs);
  const either = AbortSignal.any([signal, deadline.signal]);
  const sight: Sight = { sent: false, answered: false };
  try {
    // The SDK may first obtain an access token, and that does not heed the signal.
    const body = await Promise.race([
      aborted(either),
      send(client, request, either, deadlineMs, turn, sight),
    ]);
    const answer = readBody(body, request.model, prices);
    turn.end({ usage: answer.usage, error: errorIn(body) });
    return answer;
  } catch (error) {
    const cause = either.aborted ? abortCause(either, tooLate) : error;
    turn.end({ error: cause });
    const failure = classify(cause, Date.now(), request.model);
    if (cause === tooLate) failure.silentMs = sight.answered ? 0 : deadlineMs;
    const part = readPart(sight.arrived, request.model, prices);
    const lost = sight.sent && isLost(cause, failure);
    return { ok: false, failure, ...part, ...(lost && { isLost: true }) };
  } finally {
    clearTimeout(timer);
  }
}

/** `create` and not `parse`, which throws away the usage of an answer that does not fit. */
async function send(
  client: Promise<Anthropic>,
  request: ClaudeRequest,
  signal: AbortSignal,
  deadlineMs: number,
  turn: Turn,
  sight: Sight,
): Promise<unknown> {
  const { messages } = await client;
  const options = {
    signal,
    timeout: Math.min(deadlineMs + SDK_TIMEOUT_GRACE_MS, LONGEST_TIMER_MS),
    maxRetries: 0,
    middleware: [telling(turn), noting(sight)],
  };
  const asked = parameters(request);
  if (!mustStream(request.maxTokens)) return withoutWarnings(() => messages.create(asked, options));
  const tell = (arrived: Arrived): void => {
    sight.arrived = arrived;
  };
  const stream = withoutWarnings(() => messages.create({ ...asked, stream: true }, options));
  return readStream(await stream, tell);
}

function noting(sight: Sight): Middleware {
  return async (request, next) => {
    sight.sent = true;
    const response = await next(request);
    sight.answered = true;
    return response;
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

function abortCause(either: AbortSignal, tooLate: DOMException): DOMException {
  return either.reason === tooLate ? tooLate : ABORTED;
}
