import type { Failure } from '../model/failure.ts';
import type { Inconclusive, Verification } from '../model/result.ts';
import type { JudgedBy } from '../model/settlement.ts';
import type { Verdict } from '../model/verdict.ts';

/** Times a verifier may say that it could not tell, before the task is set aside. */
const MAX_UNCLEAR = 3;

/** What follows from a verification. */
export type NextStep =
  /** It is an answer. */
  | ({ type: 'judged'; verdict: Verdict } & JudgedBy)
  /** It is not asked for again. */
  | ({ type: 'unverifiable'; reason: string } & JudgedBy)
  /** The service failed, or stayed silent, and the task is not to blame. */
  | { type: 'wait'; failure: Failure }
  /** The verifier could not tell: it is asked again. */
  | { type: 'unclear'; reason: string };

/**
 * @param unclear so many times it could not tell before.
 * @param answeredWithin whether the service answered anything within the last so many milliseconds.
 */
export function nextStep(
  verification: Verification,
  unclear: number,
  answeredWithin: (ms: number) => boolean,
): NextStep {
  if ('passed' in verification) {
    const { usage: _, metadata: judge, evidence, isCheck: __, ...verdict } = verification;
    return { type: 'judged', verdict, judge, evidence };
  }
  const { metadata: judge, evidence } = verification;
  if ('error' in verification) {
    const { error } = verification;
    if (error.kind !== 'permanent') return { type: 'wait', failure: error };
    return { type: 'unverifiable', reason: error.message, judge, evidence };
  }
  const { reason } = verification;
  if (isSilence(verification) && !answeredWithin(verification.silentMs)) {
    return { type: 'wait', failure: { kind: 'failed', message: reason, silentMs: verification.silentMs } };
  }
  if (unclear + 1 < MAX_UNCLEAR) return { type: 'unclear', reason };
  return { type: 'unverifiable', reason, judge, evidence };
}

/** Whether a verification shows that the service answers. */
export function isAnswer(verification: Verification): boolean {
  if ('error' in verification) return verification.error.kind !== 'transient';
  return !('silentMs' in verification);
}

/** Nothing of an answer came before the deadline. */
function isSilence(verification: Inconclusive): verification is Inconclusive & { silentMs: number } {
  return verification.silentMs !== undefined && verification.silentMs > 0;
}
