import type { Claude, NotAnswered } from '../../claude/ask.ts';
import { type ClaudeOptions, createClaude } from '../../claude/client.ts';
import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL } from '../../claude/models.ts';
import { requireCount, requireMs } from '../../model/expect.ts';
import type { ExecutionResult } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { ExecutionContext, Executor } from '../../ports/executor.ts';
import { EXECUTOR_SYSTEM, executorPrompt } from './prompt.ts';

export interface ClaudeExecutorOptions extends ClaudeOptions {
  /** Default: `DEFAULT_MODEL`. */
  model?: string;
  /** Most tokens of an answer; thinking counts. Default: `DEFAULT_MAX_TOKENS`. */
  maxTokens?: number;
  /** Milliseconds that one call may take. Default 600,000 (10 minutes). */
  timeoutMs?: number;
  /** Used instead of one of its own; `apiKey` and `baseURL` then mean nothing. */
  client?: Claude;
}

/**
 * Lets Claude do the task: one call an attempt, its text is the output. A cut, refused or empty answer, and one past
 * its deadline, is `failed`; what there was of it is kept. `metadata` holds the model that answered and the stop reason.
 */
export class ClaudeExecutor implements Executor {
  readonly #client: Claude;
  readonly #model: string;
  readonly #maxTokens: number;
  readonly #timeoutMs: number;

  /** @throws `usage`: a limit that is not a whole number above 0, or an empty `apiKey`. */
  constructor(options: ClaudeExecutorOptions = {}) {
    this.#client = options.client ?? createClaude(options);
    this.#model = options.model ?? DEFAULT_MODEL;
    this.#maxTokens = requireCount('maxTokens', options.maxTokens ?? DEFAULT_MAX_TOKENS);
    this.#timeoutMs = requireMs('timeoutMs', options.timeoutMs ?? 600_000);
  }

  async execute(task: Task, { signal, draining, previous }: ExecutionContext): Promise<ExecutionResult> {
    const answer = await this.#client.ask(
      {
        model: this.#model,
        maxTokens: this.#maxTokens,
        system: EXECUTOR_SYSTEM,
        content: executorPrompt(task, previous),
      },
      { signal, draining, timeoutMs: this.#timeoutMs },
    );
    if (!answer.ok) return notExecuted(answer, this.#model);
    const { text, usage, model, stopReason } = answer;
    return { success: true, output: text, usage, metadata: { model, stopReason } };
  }
}

function notExecuted(answer: NotAnswered, asked: string): ExecutionResult {
  const { failure, text, usage, model = asked, stopReason } = answer;
  return {
    success: false,
    error: failure,
    output: text,
    usage,
    metadata: { model, ...(stopReason !== undefined && { stopReason }) },
  };
}
