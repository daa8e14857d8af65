import type { Anthropic } from '@anthropic-ai/sdk';
import type { ClaudeRequest } from './ask.ts';
import { paysToCache } from './caching.ts';
import { effortFor } from './models.ts';

/** A question as the Messages API takes it. */
export function parameters(request: ClaudeRequest): Anthropic.MessageCreateParamsNonStreaming {
  const { model, maxTokens, system, content, effort, schema } = request;
  const output: Anthropic.OutputConfig = {};
  if (schema) output.format = { type: 'json_schema', schema };
  output.effort = effort && effortFor(model, effort);
  return {
    model,
    max_tokens: maxTokens,
    // Half a surrogate pair makes a body that the API takes for broken JSON.
    system: system && systemOf(model, system.toWellFormed()),
    messages: [{ role: 'user', content: content.toWellFormed() }],
    output_config: output.format || output.effort ? output : undefined,
  };
}

/** It comes first and stays the same from call to call, so that it can be cached up to its end. */
function systemOf(model: string, text: string): Anthropic.MessageCreateParams['system'] {
  return paysToCache(model, text) ? [{ type: 'text', text, cache_control: { type: 'ephemeral' } }] : text;
}
