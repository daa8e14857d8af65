import { messageOf } from '../model/errors.ts';
import type { ExecutionResult, Verification } from '../model/result.ts';
import type { Runtime } from './runtime.ts';

/** Milliseconds that an executor or verifier gets to end after an abort, before the run goes on without its answer. */
const ABORT_GRACE_MS = 10_000;

/** Calls an executor. What it throws, and what is no result, counts as a failed attempt. */
export async function callExecutor(
  call: () => Promise<ExecutionResult>,
  aborted: AbortSignal,
  runtime: Runtime,
): Promise<ExecutionResult> {
  const failed = (message: string): ExecutionResult => ({
    success: false,
    error: { kind: 'failed', message },
  });
  try {
    const result: ExecutionResult | undefined = await untilGraceEnds(call, aborted, runtime);
    if (result?.success === true && typeof result.output === 'string') return result;
    if (result?.success === false && result.error) return result;
    return failed('the executor returned neither an output nor an error');
  } catch (thrown) {
    return failed(`the executor threw: ${messageOf(thrown)}`);
  }
}

/** Calls a verifier. What it throws, and what is no verdict, means that it could not tell. */
export async function callVerifier(
  call: () => Promise<Verification>,
  aborted: AbortSignal,
  runtime: Runtime,
): Promise<Verification> {
  try {
    const answer: Verification | undefined = await untilGraceEnds(call, aborted, runtime);
    if (!answer || !isVerification(answer))
      return { inconclusive: true, reason: 'the verifier returned no verdict' };
    if (!('error' in answer) || answer.error.kind !== 'failed') return answer;
    return { inconclusive: true, reason: answer.error.message, usage: answer.usage };
  } catch (thrown) {
    return { inconclusive: true, reason: `the verifier threw: ${messageOf(thrown)}` };
  }
}

function isVerification(answer: Verification): boolean {
  if ('inconclusive' in answer || 'error' in answer) return true;
  return typeof answer.passed === 'boolean' && answer.confidence >= 0 && answer.confidence <= 1;
}

/** The call's answer; after an abort that it does not heed, an error, so that an abort never hangs. */
async function untilGraceEnds<T>(call: () => Promise<T>, aborted: AbortSignal, runtime: Runtime): Promise<T> {
  const ended = new AbortController();
  const graceOver = async (): Promise<never> => {
    await new Promise<void>((resolve) => {
      const done = (): void => resolve();
      if (aborted.aborted) done();
      aborted.addEventListener('abort', done, { signal: ended.signal });
      ended.signal.addEventListener('abort', done);
    });
    await runtime.sleep(ABORT_GRACE_MS, ended.signal);
    throw new Error(`did not end within ${ABORT_GRACE_MS / 1000} s of the abort`);
  };
  try {
    return await Promise.race([call(), graceOver()]);
  } finally {
    ended.abort();
  }
}
