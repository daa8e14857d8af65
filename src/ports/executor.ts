import type { ExecutionResult } from '../model/result.ts';
import type { Task } from '../model/task.ts';
import type { Budget } from './budget.ts';
import type { ResultOf } from './result-of.ts';

/** Does the work of one attempt. */
export interface Executor {
  /**
   * Failures are returned, not thrown; what is thrown counts as a `failed` attempt.
   * When `context.signal` aborts, it ends soon, in whatever way. An output that it returns all the same is kept.
   * A deadline is the executor's own: it covers the work, not the waiting for its turn.
   */
  execute(task: Task, context: ExecutionContext): Promise<ExecutionResult>;
}

export interface ExecutionContext {
  /** 1 for the first. */
  attempt: number;
  signal: AbortSignal;
  /** Aborts when what has not begun yet is not to begin: work that waits for its turn is given back then, as a transient failure. */
  givingBack?: AbortSignal;
  /** Money for paid calls. Absent: whoever runs it keeps no accounts. */
  budget?: Budget;
  /** What the last attempt gave and what was wrong with it; absent in the first. */
  previous?: Previous;
  /** Results of the tasks that it comes after. Absent: whoever runs it gives none. */
  resultOf?: ResultOf;
  /**
   * How many attempts of the task were rejected since it was added or reset, in whatever run: a stronger model may take
   * over. Attempts that failed by themselves do not count. Absent means none.
   */
  rejections?: number;
}

export interface Previous {
  output?: string;
  /** The output is bytes that are no UTF-8, in base64. */
  encoding?: 'base64';
  feedback: string;
  issues: string[];
}
