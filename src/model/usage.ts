/**
 * What model calls used. Input tokens are the uncached ones; cache reads and writes are counted beside them,
 * output tokens include thinking (as the Messages API reports them).
 */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  /** US dollars. Absent when the price of a model is not known: unknown is never 0. */
  costUsd?: number;
  /**
   * US dollars that may have been billed beside `costUsd`: the most that calls can have cost whose answer was lost, or did not say what it
   * used. Limits count both.
   */
  possibleUsd?: number;
}

/** The most that was spent, in US dollars. Undefined when a price is not known. */
export function mostUsd({ costUsd, possibleUsd = 0 }: Usage): number | undefined {
  return costUsd === undefined ? undefined : sumOf(costUsd, possibleUsd);
}

/** An amount as it may be counted, in US dollars: what is not finite, or below 0, is not known, and unknown is never 0. */
export function knownUsd(usd: unknown): number | undefined {
  return typeof usd === 'number' && Number.isFinite(usd) && usd >= 0 ? usd : undefined;
}

/** Adds two usages. The sum's cost is known only where both parts' costs are. */
export function addUsage(a: Usage | undefined, b: Usage | undefined): Usage | undefined {
  if (!a || !b) return a ?? b;
  const sum: Usage = {
    inputTokens: sumOf(a.inputTokens, b.inputTokens),
    outputTokens: sumOf(a.outputTokens, b.outputTokens),
  };
  const read = sumOf(a.cacheReadTokens, b.cacheReadTokens);
  const write = sumOf(a.cacheWriteTokens, b.cacheWriteTokens);
  if (read > 0) sum.cacheReadTokens = read;
  if (write > 0) sum.cacheWriteTokens = write;
  if (a.costUsd !== undefined && b.costUsd !== undefined) sum.costUsd = sumOf(a.costUsd, b.costUsd);
  const possible = sumOf(a.possibleUsd, b.possibleUsd);
  if (possible > 0) sum.possibleUsd = possible;
  return sum;
}

/** Never infinite: no file could hold that. */
function sumOf(a = 0, b = 0): number {
  return Math.min(a + b, Number.MAX_VALUE);
}
