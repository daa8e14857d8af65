import type { Anthropic } from '@anthropic-ai/sdk';
import { LONGEST_TIMER_MS } from '../model/clock.ts';
import { OrchError } from '../model/errors.ts';
import type { Answer, AskOptions, Claude, ClaudeRequest } from './ask.ts';
import { classify } from './classify.ts';
import { isLost } from './lost.ts';
import { mustStream } from './models.ts';
import { parameters } from './parameters.ts';
import { LIST, type PriceTable } from './prices.ts';
import { readBody, readPart } from './read-body.ts';
import { keysAmong, knownSecrets, redactedLine, withoutKeys } from './redact.ts';
import { type Arrived, readStream } from './streamed.ts';
import { connector, noteCredentials } from './transport.ts';
import { withinBudget } from './within-budget.ts';
import { worstCaseUsd } from './worst-case.ts';

export interface ClaudeOptions {
  /** Default: what the SDK finds, see `findCredentials`. */
  apiKey?: string;
  /** Without `/v1`. Default: ANTHROPIC_BASE_URL, the profile's, or https://api.anthropic.com. */
  baseURL?: string;
  /** Milliseconds that a streamed answer may stall, once it has begun. Default 60,000. */
  idleMs?: number;
  /** What is paid. Default: the list prices. */
  prices?: PriceTable;
}

/**
 * The SDK's own timeout only ends the wait for an answer's first byte. Ours covers all of it and must be the one that
 * speaks, so the SDK's comes later.
 */
const SDK_TIMEOUT_GRACE_MS = 60_000;

/** The API sends something every few seconds, if only a `ping`. */
const DEFAULT_IDLE_MS = 60_000;

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
  // A streamed answer must not stall; one in one piece may take its time between its headers and its body.
  const clients: { streaming?: Promise<Anthropic>; whole?: Promise<Anthropic> } = {};
  return {
    async ask(request, askOptions) {
      const way = mustStream(request.maxTokens) ? 'streaming' : 'whole';
      const idleMs = way === 'streaming' ? (options.idleMs ?? DEFAULT_IDLE_MS) : 0;
      clients[way] ??= loadClient(options, secrets, idleMs);
      const client = clients[way];
      const prices = options.prices ?? LIST;
      const sent = withoutKeysIn(request, keysAmong(secrets, process.env));
      const worst = worstCaseUsd(sent, prices);
      const answer = await withinBudget(askOptions.budget, worst, askOptions.signal, () =>
        askOnce(client, sent, askOptions, prices),
      );
      return clean(answer, secrets);
    },
  };
}

const ABORTED = new DOMException('aborted', 'AbortError');

async function askOnce(
  client: Promise<Anthropic>,
  request: ClaudeRequest,
  { signal, timeoutMs }: AskOptions,
  prices: PriceTable,
): Promise<Answer> {
  if (signal.aborted) return { ok: false, failure: classify(ABORTED, Date.now()) };
  const deadlineMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
  const deadline = new AbortController();
  const tooLate = new DOMException(`no whole answer within ${deadlineMs / 1000} s`, 'TimeoutError');
  const timer = setTimeout(() => deadline.abort(tooLate), deadlineMs);
  const either = AbortSignal.any([signal, deadline.signal]);
  let arrived: Arrived | undefined;
  const tell = (part: Arrived) => {
    arrived = part;
  };
  try {
    // The SDK may first obtain an access token, and that does not heed the signal.
    const body = await Promise.race([aborted(either), send(client, request, either, deadlineMs, tell)]);
    return readBody(body, request.model, prices);
  } catch (error) {
    const cause = either.aborted ? abortCause(either, tooLate) : error;
    const failure = classify(cause, Date.now(), request.model);
    const part = readPart(arrived, request.model, prices);
    return { ok: false, failure, ...part, ...(isLost(cause, failure) && { isLost: true }) };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param secrets what is sent as a credential is added to them.
 * @param idleMs milliseconds that an answer may stall, once it has begun; 0: for ever.
 */
export async function loadClient(
  options: ClaudeOptions,
  secrets: Set<string>,
  idleMs: number,
): Promise<Anthropic> {
  const [{ Anthropic }, { Console }, dispatcher] = await Promise.all([
    import('@anthropic-ai/sdk'),
    import('node:console'),
    connector(process.env, process.execArgv, idleMs),
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

/** `create` and not `parse`, which throws away the usage of an answer that does not fit. */
async function send(
  client: Promise<Anthropic>,
  request: ClaudeRequest,
  signal: AbortSignal,
  deadlineMs: number,
  tell: (arrived: Arrived) => void,
): Promise<unknown> {
  const { messages } = await client;
  const timeout = Math.min(deadlineMs + SDK_TIMEOUT_GRACE_MS, LONGEST_TIMER_MS);
  const options = { signal, timeout, maxRetries: 0 };
  const asked = parameters(request);
  if (!mustStream(request.maxTokens)) return messages.create(asked, options);
  return readStream(await messages.create({ ...asked, stream: true }, options), tell);
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

/** A key that stands in a task goes no further. */
function withoutKeysIn(request: ClaudeRequest, keys: string[]): ClaudeRequest {
  const { system, content } = request;
  const sent = { ...request, content: withoutKeys(content, keys) };
  return system === undefined ? sent : { ...sent, system: withoutKeys(system, keys) };
}

/** What is said by the API, and by a model that was told a key, is kept without it. */
function clean(answer: Answer, secrets: Set<string>): Answer {
  const keys = keysAmong(secrets, process.env);
  if (answer.ok) return { ...answer, text: withoutKeys(answer.text, keys) };
  const { failure, text } = answer;
  const said = { ...answer, failure: { ...failure, message: redactedLine(failure.message, secrets) } };
  return text === undefined ? said : { ...said, text: withoutKeys(text, keys) };
}
