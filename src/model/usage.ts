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
  return sum;
}

/** Never infinite: no file could hold that. */
function sumOf(a = 0, b = 0): number {
  return Math.min(a + b, Number.MAX_VALUE);
}
