import { backoffDelay, DEFAULT_BACKOFF } from '../../core/backoff.ts';
import type { Runtime } from '../../core/runtime.ts';
import { decide } from '../../model/decide.ts';
import { resultMetadata } from '../../model/encoding.ts';
import { messageOf } from '../../model/errors.ts';
import type { Verification } from '../../model/result.ts';
import type { Finding, RetryPolicy } from '../../model/settlement.ts';
import type { Task } from '../../model/task.ts';
import type { Evidence, Verdict } from '../../model/verdict.ts';
import type { Budget } from '../../ports/budget.ts';
import type { VerificationContext, Verifier } from '../../ports/verifier.ts';

/** What an audit found out about one result. */
export type Audited =
  | { task: string; finding: 'holds' | 'fails'; verdict: Verdict; evidence?: Evidence[] }
  /** Its verifiers could not tell, or one of them. */
  | { task: string; finding: 'unclear'; reason: string; evidence?: Evidence[] }
  /** Nothing verifies it. */
  | { task: string; finding: 'unchecked' };

/** @param finding why its result no longer holds, as the store takes it; of a check that was changed there is none. */
export interface AuditedTask {
  audited: Audited;
  finding?: Finding;
}

/** Times that a result is looked at once more after a failure that may pass. */
const MOST_AGAIN = 3;

/** Has the result of a completed task verified again. What counts as a pass is decided as in a run. */
export async function auditTask(
  task: Task & { result: string },
  verifier: Verifier,
  minConfidence: number,
  context: VerificationContext,
  runtime: Pick<Runtime, 'sleep' | 'random'>,
): Promise<AuditedTask> {
  const { id } = task;
  if (verifier.applies?.(task) === false) return { audited: { task: id, finding: 'unchecked' } };
  const answer = await askPatiently(task, verifier, context, runtime);
  const evidence = answer.evidence && { evidence: answer.evidence };
  if (!('passed' in answer)) {
    const reason = 'error' in answer ? answer.error.message : answer.reason;
    return { audited: { task: id, finding: 'unclear', reason, ...evidence } };
  }
  const { usage, metadata: judge, evidence: _, isCheck: __, ...verdict } = answer;
  const policy: RetryPolicy = { maxAttempts: 1, retry: false, minConfidence };
  const outcome = { type: 'judged', verdict, output: task.result } as const;
  const { status, attempt } = decide(task, outcome, policy);
  if (status === 'completed') return { audited: { task: id, finding: 'holds', verdict, ...evidence } };
  const rejected = attempt?.verdict ?? verdict;
  const audited = { task: id, finding: 'fails', verdict: rejected, ...evidence } as const;
  // Its check is another one now: doing it again would prove nothing, and cost as much.
  if (rejected.tampered) return { audited };
  return {
    audited,
    finding: { verdict: rejected, ...evidence, ...(judge && { judge }), ...(usage && { usage }) },
  };
}

/** An outage, or a limit, says nothing about a result. What was refused for want of money is not asked for again. */
async function askPatiently(
  task: Task & { result: string },
  verifier: Verifier,
  context: VerificationContext,
  { sleep, random }: Pick<Runtime, 'sleep' | 'random'>,
): Promise<Verification> {
  const { signal, budget } = context;
  let isRefused = false;
  const watched: Budget | undefined = budget && {
    reserve: async (usd, ending) => {
      const answer = await budget.reserve(usd, ending);
      isRefused ||= answer.refused !== undefined;
      return answer;
    },
  };
  const ours = watched ? { ...context, budget: watched } : context;
  for (let times = 1; ; times++) {
    const answer = await ask(task, verifier, ours);
    const isPassing = 'error' in answer && answer.error.kind === 'transient';
    if (!isPassing || isRefused || times > MOST_AGAIN || signal.aborted) return answer;
    await sleep(backoffDelay(DEFAULT_BACKOFF, times, random, answer.error.retryAfterMs), signal);
  }
}

async function ask(
  task: Task & { result: string },
  verifier: Verifier,
  context: VerificationContext,
): Promise<Verification> {
  const execution = { success: true, output: task.result, metadata: resultMetadata(task) } as const;
  try {
    return await verifier.verify(task, execution, context);
  } catch (error) {
    return { inconclusive: true, reason: messageOf(error) };
  }
}
