import type { Anthropic } from '@anthropic-ai/sdk';
import type { ClaudeRequest } from './ask.ts';
import { type ClaudeOptions, loadClient } from './client.ts';
import { parameters } from './parameters.ts';
import { Secrets } from './secrets.ts';

/** @returns tokens of the prompt; undefined when the API does not say. */
type CountTokens = (request: ClaudeRequest) => Promise<number | undefined>;

/**
 * Asks the API how many tokens prompts have (`POST /v1/messages/count_tokens`), which costs nothing. Never rejects. After one that it does
 * not answer it is not asked again.
 * @param signal ends all that is asked.
 */
export function createTokenCounter(signal: AbortSignal, options: ClaudeOptions = {}): CountTokens {
  const secrets = new Secrets(process.env, options.apiKey);
  let client: Promise<Anthropic> | undefined;
  let isSilent = false;
  return async (request) => {
    if (isSilent || signal.aborted) return undefined;
    client ??= loadClient(options, secrets, 0);
    try {
      const { messages } = await client;
      const { max_tokens: _, ...prompt } = parameters(request);
      const answer: unknown = await messages.countTokens(prompt, { signal, maxRetries: 0 });
      const { input_tokens: tokens }: Record<string, unknown> = Object(answer);
      return typeof tokens === 'number' && tokens >= 0 ? tokens : undefined;
    } catch {
      isSilent = true;
      return undefined;
    }
  };
}
