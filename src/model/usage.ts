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
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
  };
  const read = (a.cacheReadTokens ?? 0) + (b.cacheReadTokens ?? 0);
  const write = (a.cacheWriteTokens ?? 0) + (b.cacheWriteTokens ?? 0);
  if (read > 0) sum.cacheReadTokens = read;
  if (write > 0) sum.cacheWriteTokens = write;
  if (a.costUsd !== undefined && b.costUsd !== undefined) sum.costUsd = a.costUsd + b.costUsd;
  return sum;
}
