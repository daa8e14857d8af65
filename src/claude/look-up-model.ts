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
 * - `unclear`: it could not be found out, which says nothing about the calls to come
 */
export type ModelFinding =
  | { facts: ModelFacts }
  | { refused: 'model' | 'access'; message: string }
  | { unclear: string };

export type LookUpModel = (model: string) => Promise<ModelFinding>;

/**
 * Asks the API what it knows of models (`GET /v1/models/{id}`), which costs nothing. Never rejects.
 * @param timeoutMs milliseconds that one look-up may take, an access token included; at most 2^31 - 1.
 */
export function createModelLookUp(timeoutMs: number, options: ClaudeOptions = {}): LookUpModel {
  const secrets = new Secrets(process.env, options.apiKey);
  let client: Promise<Anthropic> | undefined;
  return async (model) => {
    client ??= loadClient(options, secrets, 0);
    try {
      return { facts: factsOf(await retrieve(client, model, timeoutMs)) };
    } catch (error) {
      const { kind, message } = classify(error, Date.now(), model);
      const line = redactedLine(message, secrets.all());
      if (kind !== 'fatal') return { unclear: line };
      const refused = whatIsRefused(error, model);
      return refused ? { refused, message: line } : { unclear: 'this address says nothing about models' };
    }
  };
}

async function retrieve(client: Promise<Anthropic>, model: string, timeoutMs: number): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  const tooLate = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  const asked = client.then(({ models }) =>
    models.retrieve(model, undefined, { signal, timeout: timeoutMs, maxRetries: 0 }),
  );
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
