import type { Budget } from '../ports/budget.ts';
import type { Answer } from './ask.ts';

/**
 * Makes a call with the money for it set aside. Where it may not be made, that is its failure. An answer that was lost may have been billed:
 * it counts as dear as it could have been.
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
    const answer = await call();
    cost = costOf(answer, worstUsd);
    return answer;
  } finally {
    await money.settle(cost);
  }
}

/** A stream that broke off has told of a part of what it used, and an answer that tells nothing of it was not free for that. */
function costOf(answer: Answer, worstUsd: number | undefined): number | undefined {
  if (!answer.ok && answer.isLost) return worstUsd;
  if (answer.usage) return answer.usage.costUsd;
  return answer.ok ? worstUsd : 0;
}
