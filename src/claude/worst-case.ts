import type { ClaudeRequest } from './ask.ts';
import { type PriceTable, US_ONLY } from './prices.ts';

/**
 * Tokens that the API may add to a prompt by itself: for the format of the answer and the turns of the conversation. A guess that is
 * far above what was seen (some hundred), because the API publishes no figure.
 */
const ADDED_TOKENS = 2_000;

/**
 * The most that a call may cost, in US dollars: a token is at least a byte of what is sent, all of it is written to the cache, and the
 * answer is as long as it may be. @returns undefined when the model's price is not known.
 */
export function worstCaseUsd(request: ClaudeRequest, prices: PriceTable): number | undefined {
  const usd = prices.costUsd(request.model, {
    inputTokens: 0,
    outputTokens: request.maxTokens,
    cacheReadTokens: 0,
    cacheWrite5mTokens: promptBytes(request) + ADDED_TOKENS,
    cacheWrite1hTokens: 0,
  });
  return usd === undefined ? undefined : usd * US_ONLY;
}

/** The largest `maxTokens` with which such a request costs no more than this in the worst case; below 1: none does. */
export function maxTokensWithin(capUsd: number, request: ClaudeRequest, prices: PriceTable): number {
  const without = worstCaseUsd({ ...request, maxTokens: 0 }, prices) ?? 0;
  const thousand = (worstCaseUsd({ ...request, maxTokens: 1000 }, prices) ?? 0) - without;
  return Math.floor(((capUsd - without) / thousand) * 1000);
}

function promptBytes({ system = '', content, schema }: ClaudeRequest): number {
  const texts = [system, content, schema ? JSON.stringify(schema) : ''];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
