import type { Usage } from '../model/usage.ts';
import { costUsd, type PricedTokens } from './prices.ts';

/** The part of a Messages API usage that costs money. Servers that only imitate the API leave most of it out. */
export interface ApiUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_creation?: {
    ephemeral_5m_input_tokens?: number | null;
    ephemeral_1h_input_tokens?: number | null;
  } | null;
  inference_geo?: string | null;
  speed?: string | null;
}

/** Inference that must stay in the US costs a tenth more (platform.claude.com/docs, "Pricing", August 2026). */
const US_ONLY = 1.1;

/** What an answer used and cost. Without `costUsd` when the price is not known: a new model, or fast mode. */
export function toUsage(model: string, api: ApiUsage): Usage {
  const tokens = pricedTokens(api);
  const usage: Usage = { inputTokens: tokens.inputTokens, outputTokens: tokens.outputTokens };
  const written = tokens.cacheWrite5mTokens + tokens.cacheWrite1hTokens;
  if (tokens.cacheReadTokens > 0) usage.cacheReadTokens = tokens.cacheReadTokens;
  if (written > 0) usage.cacheWriteTokens = written;
  const cost = api.speed === 'fast' ? undefined : costUsd(model, tokens);
  if (cost !== undefined) usage.costUsd = api.inference_geo === 'us' ? cost * US_ONLY : cost;
  return usage;
}

function pricedTokens(api: ApiUsage): PricedTokens {
  const oneHour = api.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const fiveMinutes = api.cache_creation?.ephemeral_5m_input_tokens ?? 0;
  const written = Math.max(api.cache_creation_input_tokens ?? 0, oneHour + fiveMinutes);
  return {
    inputTokens: api.input_tokens ?? 0,
    outputTokens: api.output_tokens ?? 0,
    cacheReadTokens: api.cache_read_input_tokens ?? 0,
    // Five minutes is the API's default: what is not said to be for an hour is for that.
    cacheWrite5mTokens: written - oneHour,
    cacheWrite1hTokens: oneHour,
  };
}
