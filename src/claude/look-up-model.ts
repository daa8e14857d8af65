import type { Anthropic } from '@anthropic-ai/sdk';
import { isoTime } from '../model/clock.ts';
import { classify } from './classify.ts';
import { type ClaudeOptions, loadClient } from './client.ts';
import { redactedLine } from './redact.ts';
import { Secrets } from './secrets.ts';
import { thrownFacts } from './thrown.ts';

/** What the API says of a model; what it does not say is left out. */
export interface ModelFacts {
  /** `retired`: requests that name it fail. `deprecated`: they will. */
  lifecycle?: 'active' | 'deprecated' | 'retired';
  /** ISO 8601. */
  retiresAt?: string;
  /** Most tokens of an answer. */
  maxTokens?: number;
  /** Whether it can be held to a schema, as the judge is. */
  structuredOutputs?: boolean;
}

/**
 * - `facts`: it is there
 * - `refused`: no call with this key, to this address or for this model can succeed
 * - `unclear`: it could not be found out, which says nothing about the calls to come; `status` of an answer, where there was one
 */
export type ModelFinding =
  | { facts: ModelFacts }
  | { refused: 'model' | 'access'; message: string }
  | { unclear: string; status?: number };

export type LookUpModel = (model: string) => Promise<ModelFinding>;

/**
 * Asks the API what it knows of models (`GET /v1/models/{id}`). Where that is unclear, as with a proxy that passes messages on and nothing
 * else, it has a few tokens counted by the model, since calls take the same way. Both cost nothing. Never rejects.
 * @param timeoutMs milliseconds that it may take for one model, an access token included; at most 2^31 - 1. Each question gets half of it.
 */
export function createModelLookUp(timeoutMs: number, options: ClaudeOptions = {}): LookUpModel {
  const secrets = new Secrets(process.env, options.apiKey);
  let client: Promise<Anthropic> | undefined;
  const ask = async (question: Question, model: string): Promise<ModelFinding> => {
    client ??= loadClient(options, secrets, 0);
    try {
      const facts = question.read(await answerOf(client, question, model, timeoutMs / 2));
      return facts ? { facts } : { unclear: NOTHING_SAID, status: OK };
    } catch (error) {
      const { kind, message } = classify(error, Date.now(), model);
      const line = redactedLine(message, secrets.all());
      const { status } = thrownFacts(error);
      const answered = status === undefined ? {} : { status };
      if (kind !== 'fatal') return { unclear: line, ...answered };
      const refused = whatIsRefused(error, model);
      return refused ? { refused, message: line } : { unclear: NOTHING_SAID, ...answered };
    }
  };
  return async (model) => {
    const found = await ask(LOOK_UP, model);
    if (!('unclear' in found)) return found;
    const counted = await ask(COUNT, model);
    return 'unclear' in counted ? found : counted;
  };
}

const OK = 200;
const NOTHING_SAID = 'this address says nothing about models';

interface Question {
  send(client: Anthropic, model: string, options: QuestionOptions): Promise<unknown>;
  /** What an answer says of the model; undefined: it is no answer to this question. */
  read(answer: unknown): ModelFacts | undefined;
}

interface QuestionOptions {
  signal: AbortSignal;
  timeout: number;
  maxRetries: 0;
}

const LOOK_UP: Question = {
  send: ({ models }, model, options) => models.retrieve(model, undefined, options),
  read: (answer) => (typeof Object(answer).id === 'string' ? factsOf(answer) : undefined),
};

/** The shortest prompt that there is. An answer says that the model is there, and no more. */
const COUNT: Question = {
  send: ({ messages }, model, options) =>
    messages.countTokens({ model, messages: [{ role: 'user', content: 'hi' }] }, options),
  read: (answer) => (typeof Object(answer).input_tokens === 'number' ? {} : undefined),
};

async function answerOf(
  client: Promise<Anthropic>,
  { send }: Question,
  model: string,
  timeout: number,
): Promise<unknown> {
  const signal = AbortSignal.timeout(timeout);
  const tooLate = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  const asked = client.then((loaded) => send(loaded, model, { signal, timeout, maxRetries: 0 }));
  // The SDK may first obtain an access token, and that does not heed the signal.
  return Promise.race([tooLate, asked]);
}

/** What the API refuses a look-up with, by status, where no code of its own says why. */
const REFUSALS: Record<number, string> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
};

/**
 * A proxy that only passes messages on knows nothing of models, and refuses the question in words of its own: no error in the API's
 * shape and of its types, or a 404 that does not name the model.
 */
function whatIsRefused(error: unknown, model: string): 'model' | 'access' | undefined {
  const { status, type, code, text, isOfTheApi } = thrownFacts(error);
  if (status === undefined) return 'access';
  if (!isOfTheApi || (code === undefined && type !== REFUSALS[status])) return undefined;
  if (status !== 404) return 'access';
  return text.includes(model) ? 'model' : undefined;
}

function factsOf(answer: unknown): ModelFacts {
  const { lifecycle, retires_at, max_tokens, capabilities }: Record<string, unknown> = Object(answer);
  const facts: ModelFacts = {};
  if (lifecycle === 'active' || lifecycle === 'deprecated' || lifecycle === 'retired')
    facts.lifecycle = lifecycle;
  const retiresAt = typeof retires_at === 'string' ? Date.parse(retires_at) : Number.NaN;
  if (!Number.isNaN(retiresAt)) facts.retiresAt = isoTime(retiresAt);
  if (typeof max_tokens === 'number' && max_tokens >= 1) facts.maxTokens = max_tokens;
  const supported: unknown = Object(Object(capabilities).structured_outputs).supported;
  if (typeof supported === 'boolean') facts.structuredOutputs = supported;
  return facts;
}
