import { mostUsd, type Usage } from '../model/usage.ts';
import type { Budget } from '../ports/budget.ts';
import type { Answer } from './ask.ts';

/**
 * Makes a call with the money for it set aside. Where it may not be made, that is its failure. An answer that was lost, or that does not say
 * what it used, may have been billed: it counts as dear as it could have been, and its usage says so.
 * @param worstUsd US dollars; undefined: the price is not known.
 */
export async function withinBudget(
  budget: Budget | undefined,
  worstUsd: number | undefined,
  signal: AbortSignal,
  call: () => Promise<Answer>,
): Promise<Answer> {
  if (!budget) return call();
  const money = await budget.reserve(worstUsd, signal);
  if (money.refused !== undefined)
    return { ok: false, failure: { kind: money.kind, message: money.refused } };
  let cost = worstUsd;
  try {
    const answer = accounted(await call(), worstUsd);
    cost = answer.usage ? mostUsd(answer.usage) : 0;
    return answer;
  } finally {
    await money.settle(cost);
  }
}

/** A stream that broke off has told of a part of what it used, and an answer that tells nothing of it was not free for that. */
function accounted(answer: Answer, worstUsd: number | undefined): Answer {
  const isUnsure = answer.ok ? !answer.usage : answer.isLost;
  if (!isUnsure) return answer;
  const { costUsd, ...told }: Usage = answer.usage ?? { inputTokens: 0, outputTokens: 0, costUsd: 0 };
  if (costUsd === undefined || worstUsd === undefined) return { ...answer, usage: told };
  return { ...answer, usage: { ...told, costUsd, possibleUsd: Math.max(0, worstUsd - costUsd) } };
}
