import type { Anthropic } from '@anthropic-ai/sdk';
import { LONGEST_TIMER_MS } from '../model/clock.ts';
import { OrchError } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';
import type { Answer, AskOptions, Claude, ClaudeRequest } from './ask.ts';
import { classify } from './classify.ts';
import { Governor } from './governor/governor.ts';
import { telling } from './governor/middleware.ts';
import { sketchOf } from './governor/sketch.ts';
import type { Turn } from './governor/turn.ts';
import { takesEffort } from './models.ts';
import { readBody } from './read-body.ts';
import { knownSecrets, redactedLine } from './redact.ts';
import { connector, noteCredentials } from './transport.ts';

export interface ClaudeOptions {
  /** Default: what the SDK finds, see `findCredentials`. */
  apiKey?: string;
  /** Without `/v1`. Default: ANTHROPIC_BASE_URL, the profile's, or https://api.anthropic.com. */
  baseURL?: string;
  /** Says when a call may be sent. To be shared by all that use the same credentials. Default: one of its own. */
  governor?: Governor;
}

/**
 * The SDK's own timeout only ends the wait for an answer's first byte. Ours covers all of it and must be the one that
 * speaks, so the SDK's comes later.
 */
const SDK_TIMEOUT_GRACE_MS = 60_000;

/**
 * The one way to the Claude API. Loads the SDK at the first call.
 * @throws `usage`: an empty `apiKey`.
 */
export function createClaude(options: ClaudeOptions = {}): Claude {
  if (options.apiKey?.trim() === '') {
    throw new OrchError(
      'usage',
      'The API key is empty; give a key, or leave it out to use ANTHROPIC_API_KEY',
    );
  }
  const secrets = knownSecrets(process.env, options.apiKey);
  const governor = options.governor ?? new Governor();
  let client: Promise<Anthropic> | undefined;
  return {
    async ask(request, askOptions) {
      const admission = await governor.turn(sketchOf(request), endOfWait(askOptions));
      if ('failure' in admission) return { ok: false, failure: admission.failure };
      client ??= loadClient(options, secrets);
      const answer = await askOnce(client, request, askOptions, admission.turn);
      return answer.ok ? answer : { ...answer, failure: clean(answer.failure, secrets) };
    },
  };
}

function endOfWait({ signal, draining }: AskOptions): AbortSignal {
  return draining ? AbortSignal.any([signal, draining]) : signal;
}

async function askOnce(
  client: Promise<Anthropic>,
  request: ClaudeRequest,
  { signal, timeoutMs }: AskOptions,
  turn: Turn,
): Promise<Answer> {
  const deadlineMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
  const deadline = new AbortController();
  const tooLate = new DOMException(`no whole answer within ${deadlineMs / 1000} s`, 'TimeoutError');
  const timer = setTimeout(() => deadline.abort(tooLate), deadlineMs);
  const either = AbortSignal.any([signal, deadline.signal]);
  try {
    // The SDK may first obtain an access token, and that does not heed the signal.
    const body = await Promise.race([aborted(either), send(client, request, either, deadlineMs, turn)]);
    const answer = readBody(body, request.model);
    turn.end({ usage: answer.usage });
    return answer;
  } catch (error) {
    const cause = either.aborted ? abortCause(either, tooLate) : error;
    turn.end({ error: cause });
    return { ok: false, failure: classify(cause, Date.now(), request.model) };
  } finally {
    clearTimeout(timer);
  }
}

async function loadClient(options: ClaudeOptions, secrets: Set<string>): Promise<Anthropic> {
  const [{ Anthropic }, { Console }, dispatcher] = await Promise.all([
    import('@anthropic-ai/sdk'),
    import('node:console'),
    connector(process.env, process.execArgv),
  ]);
  return new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseURL,
    maxRetries: 0,
    logger: new Console(process.stderr),
    fetchOptions: { dispatcher },
    fetch: (input, init) => {
      noteCredentials(init, secrets);
      return fetch(input, init);
    },
  });
}

/** Non-streaming. `create` and not `parse`, which throws away the usage of an answer that does not fit. */
async function send(
  client: Promise<Anthropic>,
  request: ClaudeRequest,
  signal: AbortSignal,
  deadlineMs: number,
  turn: Turn,
): Promise<unknown> {
  const { messages } = await client;
  return messages.create(parameters(request), {
    signal,
    timeout: Math.min(deadlineMs + SDK_TIMEOUT_GRACE_MS, LONGEST_TIMER_MS),
    maxRetries: 0,
    middleware: [telling(turn)],
  });
}

function parameters(request: ClaudeRequest): Anthropic.MessageCreateParamsNonStreaming {
  const { model, maxTokens, system, content, effort, schema } = request;
  const output: Anthropic.OutputConfig = {};
  if (schema) output.format = { type: 'json_schema', schema };
  if (effort && takesEffort(model)) output.effort = effort;
  return {
    model,
    max_tokens: maxTokens,
    // Half a surrogate pair makes a body that the API takes for broken JSON.
    system: system?.toWellFormed(),
    messages: [{ role: 'user', content: content.toWellFormed() }],
    output_config: output.format || output.effort ? output : undefined,
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

function abortCause(either: AbortSignal, tooLate: DOMException): DOMException {
  return either.reason === tooLate ? tooLate : new DOMException('aborted', 'AbortError');
}

function clean(failure: Failure, secrets: Set<string>): Failure {
  return { ...failure, message: redactedLine(failure.message, secrets) };
}
