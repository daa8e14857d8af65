import type { Executed, Verification } from '../model/result.ts';
import type { Task } from '../model/task.ts';
import type { Budget } from './budget.ts';
import type { ResultOf } from './result-of.ts';

/** Judges one result. */
export interface Verifier {
  /** What its verdicts are called where several judge. Default: `verifier`. */
  readonly name?: string;

  /**
   * Failures are returned, not thrown; what is thrown counts as "could not tell".
   * When `context.signal` aborts, it ends soon, in whatever way. A verdict that it returns all the same counts.
   */
  verify(task: Task, execution: Executed, context: VerificationContext): Promise<Verification>;

  /** Whether it has anything to say about this task. Without this method it always has. */
  applies?(task: Task): boolean;
}

export interface VerificationContext {
  signal: AbortSignal;
  /** As in an execution: a judgement that still waits for its turn may be given back. */
  givingBack?: AbortSignal;
  /** As an executor gets it. */
  budget?: Budget;
  /** The same. */
  resultOf?: ResultOf;
}
