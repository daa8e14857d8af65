import type { ExecutionResult } from '../../src/model/result.ts';
import type { Task } from '../../src/model/task.ts';
import type { ExecutionContext, Executor } from '../../src/ports/executor.ts';

/** One call, which lasts until the test ends it. */
export interface FakeCall {
  task: Task;
  context: ExecutionContext;
  finish(result: ExecutionResult): void;
  /** Ends with an output. */
  succeed(output?: string): void;
  fail(kind: 'failed' | 'transient' | 'permanent' | 'fatal', message?: string, retryAfterMs?: number): void;
  throw(error: Error): void;
}

/** An executor that a test drives step by step: it awaits `nextCall`, looks around, and says how the call ends. */
export class FakeExecutor implements Executor {
  /** Every call so far, in order. */
  readonly calls: FakeCall[] = [];
  running = 0;
  peak = 0;
  readonly #unseen: FakeCall[] = [];
  readonly #waiting: Array<(call: FakeCall) => void> = [];

  async execute(task: Task, context: ExecutionContext): Promise<ExecutionResult> {
    const { promise, resolve, reject } = Promise.withResolvers<ExecutionResult>();
    const call: FakeCall = {
      task,
      context,
      finish: resolve,
      succeed: (output = `output of ${task.id}`) => resolve({ success: true, output }),
      fail: (kind, message = kind, retryAfterMs) =>
        resolve({
          success: false,
          error: { kind, message, ...(retryAfterMs !== undefined && { retryAfterMs }) },
        }),
      throw: reject,
    };
    this.calls.push(call);
    this.running++;
    this.peak = Math.max(this.peak, this.running);
    const waiting = this.#waiting.shift();
    if (waiting) waiting(call);
    else this.#unseen.push(call);
    return promise.finally(() => this.running--);
  }

  /** The next call that no `nextCall` has returned yet. */
  nextCall(): Promise<FakeCall> {
    const call = this.#unseen.shift();
    if (call) return Promise.resolve(call);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** An executor that answers at once. */
export function answering(answer: (task: Task, context: ExecutionContext) => ExecutionResult): Executor {
  return { execute: async (task, context) => answer(task, context) };
}

/** Answers every task with its description in capitals. */
export const shouting: Executor = answering((task) => ({
  success: true,
  output: task.description.toUpperCase(),
}));
