import type { Usage } from '../model/usage.ts';
import { LIST, type PricedTokens, type PriceTable, US_ONLY } from './prices.ts';

/**
 * The part of a Messages API usage that costs money, as it arrived: servers that only imitate the API leave most of it
 * out, or put something else there.
 */
interface ApiUsage {
  input_tokens?: unknown;
  output_tokens?: unknown;
  cache_read_input_tokens?: unknown;
  cache_creation_input_tokens?: unknown;
  /** `ephemeral_5m_input_tokens` and `ephemeral_1h_input_tokens`. */
  cache_creation?: unknown;
  inference_geo?: unknown;
  speed?: unknown;
}

/** What an answer used and cost. Without `costUsd` when the price is not known: a new model, or fast mode. */
export function toUsage(model: string, api: ApiUsage, prices: PriceTable = LIST): Usage {
  const tokens = pricedTokens(api);
  const usage: Usage = { inputTokens: tokens.inputTokens, outputTokens: tokens.outputTokens };
  const written = tokens.cacheWrite5mTokens + tokens.cacheWrite1hTokens;
  if (tokens.cacheReadTokens > 0) usage.cacheReadTokens = tokens.cacheReadTokens;
  if (written > 0) usage.cacheWriteTokens = written;
  const cost = api.speed === 'fast' ? undefined : prices.costUsd(model, tokens);
  if (cost !== undefined) usage.costUsd = api.inference_geo === 'us' ? cost * US_ONLY : cost;
  return usage;
}

function pricedTokens(api: ApiUsage): PricedTokens {
  const writes: Record<string, unknown> = Object(api.cache_creation);
  const oneHour = count(writes.ephemeral_1h_input_tokens);
  const fiveMinutes = count(writes.ephemeral_5m_input_tokens);
  const written = Math.max(count(api.cache_creation_input_tokens), oneHour + fiveMinutes);
  return {
    inputTokens: count(api.input_tokens),
    outputTokens: count(api.output_tokens),
    cacheReadTokens: count(api.cache_read_input_tokens),
    // Five minutes is the API's default: what is not said to be for an hour is for that.
    cacheWrite5mTokens: written - oneHour,
    cacheWrite1hTokens: oneHour,
  };
}

/** What is no count is 0: it must not spoil the sum of a run. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}
