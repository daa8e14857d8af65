import type { Anthropic } from '@anthropic-ai/sdk';
import { LONGEST_TIMER_MS } from '../model/clock.ts';
import { OrchError } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';
import type { Usage } from '../model/usage.ts';
import { type AnswerMessage, isMessage, readAnswer } from './answer.ts';
import type { Answer, AskOptions, Claude, ClaudeRequest } from './ask.ts';
import { classify } from './classify.ts';
import { takesEffort } from './models.ts';
import { knownSecrets, redactedLine } from './redact.ts';
import { toUsage } from './usage.ts';

export interface ClaudeOptions {
  /** Default: what the SDK finds, see `findCredentials`. */
  apiKey?: string;
  /** Without `/v1`. Default: ANTHROPIC_BASE_URL, the profile's, or https://api.anthropic.com. */
  baseURL?: string;
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
  let client: Promise<Anthropic> | undefined;
  return {
    async ask(request, askOptions) {
      client ??= loadClient(options);
      return askOnce(await client, request, askOptions, secrets);
    },
  };
}

async function askOnce(
  client: Anthropic,
  request: ClaudeRequest,
  { signal, timeoutMs }: AskOptions,
  secrets: string[],
): Promise<Answer> {
  const deadlineMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
  const deadline = new AbortController();
  const tooLate = new DOMException(`no whole answer within ${deadlineMs / 1000} s`, 'TimeoutError');
  const timer = setTimeout(() => deadline.abort(tooLate), deadlineMs);
  const either = AbortSignal.any([signal, deadline.signal]);
  try {
    const message = await send(client, request, either, deadlineMs);
    return read(message, request.model, secrets);
  } catch (error) {
    const cause = either.aborted ? abortCause(either, tooLate) : error;
    return { ok: false, failure: clean(classify(cause, Date.now(), request.model), secrets) };
  } finally {
    clearTimeout(timer);
  }
}

async function loadClient({ apiKey, baseURL }: ClaudeOptions): Promise<Anthropic> {
  const [{ Anthropic }, { Agent }, { Console }] = await Promise.all([
    import('@anthropic-ai/sdk'),
    import('undici'),
    import('node:console'),
  ]);
  return new Anthropic({
    ...(apiKey !== undefined && { apiKey }),
    ...(baseURL !== undefined && { baseURL }),
    maxRetries: 0,
    logger: new Console(process.stderr),
    // Node's fetch gives up after 300 s without headers, whatever the SDK's timeout says.
    fetchOptions: { dispatcher: new Agent({ headersTimeout: 0, bodyTimeout: 0 }) },
  });
}

/** Non-streaming. `create` and not `parse`, which throws away the usage of an answer that does not fit. */
async function send(
  client: Anthropic,
  request: ClaudeRequest,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<unknown> {
  const { data } = await client.messages
    .create(parameters(request), {
      signal,
      timeout: Math.min(deadlineMs + SDK_TIMEOUT_GRACE_MS, LONGEST_TIMER_MS),
      maxRetries: 0,
    })
    .withResponse();
  return data;
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
    ...(system !== undefined && { system: system.toWellFormed() }),
    messages: [{ role: 'user', content: content.toWellFormed() }],
    ...(Object.keys(output).length > 0 && { output_config: output }),
  };
}

function read(message: unknown, requested: string, secrets: string[]): Answer {
  if (!isMessage(message)) {
    return { ok: false, failure: { kind: 'transient', message: 'the answer is not a message of the API' } };
  }
  // What it cost is taken down before anything in it can go wrong.
  const facts = paid(message, requested);
  const answer = readAnswer(message);
  if ('failure' in answer) {
    const { failure, ...partial } = answer;
    return { ok: false, failure: clean(failure, secrets), ...partial, ...facts };
  }
  return { ok: true, ...answer, ...facts };
}

function paid(message: AnswerMessage, requested: string): { model: string; usage?: Usage } {
  const model = message.model || requested;
  return message.usage ? { model, usage: toUsage(model, message.usage) } : { model };
}

function abortCause(either: AbortSignal, tooLate: DOMException): DOMException {
  return either.reason === tooLate ? tooLate : new DOMException('aborted', 'AbortError');
}

function clean(failure: Failure, secrets: string[]): Failure {
  return { ...failure, message: redactedLine(failure.message, secrets) };
}
