import type { Anthropic } from '@anthropic-ai/sdk';
import { OrchError } from '../model/errors.ts';
import type { Answer, AskOptions, Claude, ClaudeRequest } from './ask.ts';
import { call } from './call.ts';
import { Governor } from './governor/governor.ts';
import { sketchOf } from './governor/sketch.ts';
import { LIST, type PriceTable } from './prices.ts';
import { redactedLine, withoutKeys } from './redact.ts';
import { sdkLogger } from './sdk-log.ts';
import { Secrets } from './secrets.ts';
import { connector, noteCredentials } from './transport.ts';
import { withinBudget } from './within-budget.ts';
import { worstCaseUsd } from './worst-case.ts';

export interface ClaudeOptions {
  /** Default: what the SDK finds, see `findCredentials`. */
  apiKey?: string;
  /** Without `/v1`. Default: ANTHROPIC_BASE_URL, the profile's, or https://api.anthropic.com. */
  baseURL?: string;
  /** Milliseconds that an answer may stall, once it has begun. Default 60,000. */
  idleMs?: number;
  /** What is paid. Default: the list prices. */
  prices?: PriceTable;
  /** Says when a call may be sent. To be shared by all that use the same credentials. Default: one of its own. */
  governor?: Governor;
}

/** The API sends something of a stream every few seconds, if only a `ping`; an answer in one piece is ready when its headers come. */
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
  const { governor = new Governor(), prices = LIST } = options;
  const secrets = new Secrets(process.env, options.apiKey);
  let client: Promise<Anthropic> | undefined;
  return {
    async ask(request, askOptions) {
      const sent = withoutKeysIn(request, secrets.keys());
      const worst = worstCaseUsd(sent, prices);
      const answer = await withinBudget(askOptions.budget, worst, askOptions.signal, async () => {
        const admission = await governor.turn(sketchOf(sent), endOfWait(askOptions));
        if ('failure' in admission) return { ok: false, failure: admission.failure };
        client ??= loadClient(options, secrets, options.idleMs ?? DEFAULT_IDLE_MS);
        return call(sent, askOptions, { client, turn: admission.turn, prices });
      });
      return clean(answer, secrets);
    },
  };
}

function endOfWait({ signal, givingBack }: AskOptions): AbortSignal {
  return givingBack ? AbortSignal.any([signal, givingBack]) : signal;
}

/**
 * @param secrets what is sent as a credential is added to them.
 * @param idleMs milliseconds that an answer may stall, once it has begun; 0: for ever.
 */
export async function loadClient(
  options: ClaudeOptions,
  secrets: Secrets,
  idleMs: number,
): Promise<Anthropic> {
  const [{ Anthropic }, dispatcher] = await Promise.all([
    import('@anthropic-ai/sdk'),
    connector(process.env, process.execArgv, idleMs),
  ]);
  return new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseURL,
    maxRetries: 0,
    logger: sdkLogger(secrets),
    fetchOptions: { dispatcher },
    fetch: (input, init) => {
      noteCredentials(init, secrets);
      return fetch(input, init);
    },
  });
}

/** A key that stands in a task goes no further. */
function withoutKeysIn(request: ClaudeRequest, keys: string[]): ClaudeRequest {
  const { system, content } = request;
  const sent = { ...request, content: withoutKeys(content, keys) };
  return system === undefined ? sent : { ...sent, system: withoutKeys(system, keys) };
}

/** What is said by the API, and by a model that was told a key, is kept without it. */
function clean(answer: Answer, secrets: Secrets): Answer {
  const keys = secrets.keys();
  if (answer.ok) return { ...answer, text: withoutKeys(answer.text, keys) };
  const { failure, text } = answer;
  const said = { ...answer, failure: { ...failure, message: redactedLine(failure.message, secrets.all()) } };
  return text === undefined ? said : { ...said, text: withoutKeys(text, keys) };
}
