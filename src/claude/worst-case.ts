import type { ClaudeRequest } from './ask.ts';
import { type PriceTable, US_ONLY } from './prices.ts';
import { promptBytes } from './texts.ts';

/**
 * Tokens that the API may add to a prompt by itself: for the format of the answer and the turns of the conversation. A guess that is
 * far above what was seen (some hundred), because the API publishes no figure.
 */
const ADDED_TOKENS = 2_000;

const NONE = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
};

/**
 * The most that a call may cost, in US dollars: a token is at least a byte of what is sent, all of it is of the dearest kind, and the
 * answer is as long as it may be. @returns undefined when the model's price is not known.
 * @param moreBytes that its prompt may have beside what is known of it.
 */
export function worstCaseUsd(request: ClaudeRequest, prices: PriceTable, moreBytes = 0): number | undefined {
  const prompt = promptBytes(request) + moreBytes + ADDED_TOKENS;
  const kinds = ['inputTokens', 'cacheReadTokens', 'cacheWrite5mTokens'] as const;
  const costs = kinds.map((kind) =>
    prices.costUsd(request.model, { ...NONE, [kind]: prompt, outputTokens: request.maxTokens }),
  );
  // The price is known for all kinds of tokens, or for none.
  const known = costs.filter((usd) => usd !== undefined);
  return known.length === 0 ? undefined : Math.max(...known) * US_ONLY;
}

/** The largest `maxTokens` with which such a request costs no more than this in the worst case; below 1: none does. */
export function maxTokensWithin(capUsd: number, request: ClaudeRequest, prices: PriceTable): number {
  const without = worstCaseUsd({ ...request, maxTokens: 0 }, prices) ?? 0;
  const thousand = (worstCaseUsd({ ...request, maxTokens: 1000 }, prices) ?? 0) - without;
  return Math.floor(((capUsd - without) / thousand) * 1000);
}
