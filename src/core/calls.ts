import { messageOf } from '../model/errors.ts';
import type { ExecutionResult, Verification } from '../model/result.ts';
import type { Task } from '../model/task.ts';
import type { Verifier } from '../ports/verifier.ts';
import { soundExecution, soundVerification } from './answers.ts';
import type { Runtime } from './runtime.ts';

/** Milliseconds that an executor or verifier gets to end after an abort, before the run goes on without its answer. */
const ABORT_GRACE_MS = 10_000;

/** Calls an executor. What it throws, and what is no result, counts as a failed attempt. */
export async function callExecutor(
  call: () => Promise<ExecutionResult>,
  aborting: AbortSignal,
  runtime: Runtime,
): Promise<ExecutionResult> {
  try {
    const answer = soundExecution(await untilGraceEnds(call, aborting, runtime));
    return answer ?? failed('the executor returned neither an output nor an error');
  } catch (thrown) {
    return failed(`the executor threw: ${messageOf(thrown)}`);
  }
}

/** Calls a verifier. One that throws, fails by itself or gives no verdict could not tell. */
export async function callVerifier(
  call: () => Promise<Verification>,
  aborting: AbortSignal,
  runtime: Runtime,
): Promise<Verification> {
  try {
    const answer = soundVerification(await untilGraceEnds(call, aborting, runtime));
    if (!answer) return { inconclusive: true, reason: 'the verifier returned no verdict' };
    if (!('error' in answer) || answer.error.kind !== 'failed') return answer;
    const { error, ...kept } = answer;
    const { message: reason, silentMs } = error;
    return { inconclusive: true, reason, ...(silentMs !== undefined && { silentMs }), ...kept };
  } catch (thrown) {
    return { inconclusive: true, reason: `the verifier threw: ${messageOf(thrown)}` };
  }
}

/** Whether a verifier has anything to say of a task. One that cannot even say so is asked, and says then what is wrong. */
export function applies(verifier: Verifier, task: Task): boolean {
  try {
    return verifier.applies?.(task) ?? true;
  } catch {
    return true;
  }
}

function failed(message: string): ExecutionResult {
  return { success: false, error: { kind: 'failed', message } };
}

/** The call's answer; after an abort that it does not heed, an error, so that an abort never hangs. */
async function untilGraceEnds<T>(
  call: () => Promise<T>,
  aborting: AbortSignal,
  runtime: Runtime,
): Promise<T> {
  const answer = Promise.withResolvers<T>();
  let grace: AbortController | undefined;
  const beginGrace = async (): Promise<void> => {
    grace = new AbortController();
    await runtime.sleep(ABORT_GRACE_MS, grace.signal);
    if (!grace.signal.aborted)
      answer.reject(new Error(`did not end within ${ABORT_GRACE_MS / 1000} s of the abort`));
  };
  if (aborting.aborted) void beginGrace();
  else aborting.addEventListener('abort', beginGrace);
  try {
    Promise.resolve(call()).then(answer.resolve, answer.reject);
    return await answer.promise;
  } finally {
    aborting.removeEventListener('abort', beginGrace);
    grace?.abort();
  }
}
