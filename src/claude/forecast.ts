import type { ClaudeRequest } from './ask.ts';
import type { PriceTable } from './prices.ts';
import { promptBytes } from './texts.ts';
import { worstCaseUsd } from './worst-case.ts';

/**
 * Bytes of plain text for a token, on the safe side: English has about four, and the tokenizer of newer models makes a third more
 * tokens.
 */
const BYTES_A_TOKEN = 3;

export interface Forecast {
  /** Calls, if each task needs one attempt. */
  calls: number;
  /** All their prompts together. */
  inputTokens: number;
  /** What they will cost with answers as long as those so far; absent where there were none, or a price is not known. */
  likelyUsd?: number;
  /** If each task needs all its attempts, and all answers are as long as they may be; absent where a price is not known. */
  mostUsd?: number;
}

/** A call that a run will make, and how often at most. */
export interface Planned {
  request: ClaudeRequest;
  /** Of its prompt, where somebody has counted them. */
  inputTokens?: number;
  /** Of what will stand in its prompt and is not written yet. */
  moreTokens?: number;
  /** What it is at worst, each time that it may be made: by which model, and how many bytes longer. */
  atWorst: ReadonlyArray<{ model: string; moreBytes: number }>;
}

/** @param outputTokens of an answer, as they were so far; undefined: there were none. */
export function forecast(plan: readonly Planned[], prices: PriceTable, outputTokens?: number): Forecast {
  const found: Forecast = { calls: plan.length, inputTokens: 0 };
  let likely: number | undefined = outputTokens === undefined ? undefined : 0;
  let most: number | undefined = 0;
  for (const { request, inputTokens: known = estimatedTokens(request), moreTokens = 0, atWorst } of plan) {
    const inputTokens = known + moreTokens;
    found.inputTokens += inputTokens;
    const usd = prices.costUsd(request.model, {
      inputTokens,
      outputTokens: Math.min(outputTokens ?? 0, request.maxTokens),
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
    });
    likely = likely === undefined || usd === undefined ? undefined : likely + usd;
    for (const { model, moreBytes } of atWorst) {
      const worst = worstCaseUsd({ ...request, model }, prices, moreBytes);
      most = most === undefined || worst === undefined ? undefined : most + worst;
    }
  }
  return {
    ...found,
    ...(likely !== undefined && { likelyUsd: likely }),
    ...(most !== undefined && { mostUsd: most }),
  };
}

/** Without asking the API: by the length of the texts. */
export function estimatedTokens(request: ClaudeRequest): number {
  return Math.ceil(promptBytes(request) / BYTES_A_TOKEN);
}
