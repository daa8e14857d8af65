import type { ClaudeRequest } from './ask.ts';
import { LONGEST_ANSWER } from './models.ts';
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

/**
 * The largest `maxTokens` with which such a request costs no more than this in the worst case; 0: none does.
 * @param growth bytes that its prompt may grow by with each token that an answer may have.
 */
export function maxTokensWithin(
  capUsd: number,
  request: ClaudeRequest,
  prices: PriceTable,
  growth = 0,
): number {
  let [fits, tooMany] = [0, LONGEST_ANSWER + 1];
  while (tooMany - fits > 1) {
    const maxTokens = Math.floor((fits + tooMany) / 2);
    const usd = worstCaseUsd({ ...request, maxTokens }, prices, maxTokens * growth) ?? 0;
    if (usd <= capUsd) fits = maxTokens;
    else tooMany = maxTokens;
  }
  return fits;
}
