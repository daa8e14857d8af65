import type { Claude, NotAnswered } from '../../claude/ask.ts';
import { type ClaudeOptions, createClaude } from '../../claude/client.ts';
import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL, type Effort, longestAnswer } from '../../claude/models.ts';
import { promptHash } from '../../claude/prompt-hash.ts';
import { taskResults } from '../../claude/task-results.ts';
import { requireCount, requireMs, requireText } from '../../model/expect.ts';
import type { ExecutionResult } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { ExecutionContext, Executor } from '../../ports/executor.ts';
import { executorPrompt, PROMPT_WORDS } from './prompt.ts';
import { RETRY_PROMPT } from './retry-prompt.ts';
import { EXECUTOR_SYSTEM } from './system-prompt.ts';

export interface ClaudeExecutorOptions extends ClaudeOptions {
  /** Default: `DEFAULT_MODEL`. */
  model?: string;
  /** Models for the attempts after a rejection: the first after one, the second after two, the last one after more. Default: none. */
  escalate?: readonly string[];
  /** Default: the model's own; left out for models that do not take it. */
  effort?: Effort;
  /** Most tokens of an answer; thinking counts. At most what each of the models gives (128,000; 64,000 of a 4.5 model). Default: `DEFAULT_MAX_TOKENS`. */
  maxTokens?: number;
  /** Milliseconds that one call may take. Default 600,000 (10 minutes). */
  timeoutMs?: number;
  /** Default: `EXECUTOR_SYSTEM`. */
  system?: string;
  /** The end of each prompt after a rejection. Default: `RETRY_PROMPT`. */
  retryPrompt?: string;
  /** Used instead of one of its own; `apiKey` and `baseURL` then mean nothing. */
  client?: Claude;
}

/**
 * Lets Claude do the task: one call an attempt, its text is the output. `{{task-001}}` in the description, for a task in its `after`, is
 * filled in with that task's result, fenced and at most 64 KiB of it (256 KiB together). A cut, refused or empty answer, and one past
 * its deadline, is `failed`; what there was of it is kept. `metadata` holds the model that answered, a hash of the
 * prompts (`promptHash`) and the stop reason.
 */
export class ClaudeExecutor implements Executor {
  readonly #client: Claude;
  /** By the number of rejections; the last one goes on for all that are more. */
  readonly #models: readonly string[];
  readonly #effort: Effort | undefined;
  readonly #maxTokens: number;
  readonly #timeoutMs: number;
  readonly #system: string;
  readonly #retryPrompt: string;
  readonly #prompt: string;

  /** @throws `usage`: a limit that is none, a blank text, or an empty `apiKey`. */
  constructor(options: ClaudeExecutorOptions = {}) {
    const { model = DEFAULT_MODEL, escalate = [] } = options;
    this.#client = options.client ?? createClaude(options);
    this.#models = [model, ...escalate].map((each) => requireText('model', each));
    this.#effort = options.effort;
    const most = Math.min(...this.#models.map(longestAnswer));
    this.#maxTokens = requireCount('maxTokens', options.maxTokens ?? DEFAULT_MAX_TOKENS, most);
    this.#timeoutMs = requireMs('timeoutMs', options.timeoutMs ?? 600_000);
    this.#system = requireText('system', options.system ?? EXECUTOR_SYSTEM);
    this.#retryPrompt = requireText('retryPrompt', options.retryPrompt ?? RETRY_PROMPT);
    this.#prompt = promptHash([this.#system, this.#retryPrompt, ...PROMPT_WORDS]);
  }

  async execute(
    task: Task,
    { signal, givingBack, budget, previous, rejections = 0, resultOf }: ExecutionContext,
  ): Promise<ExecutionResult> {
    const asked = this.#models[Math.min(rejections, this.#models.length - 1)]!;
    const results = await taskResults(task, resultOf);
    const answer = await this.#client.ask(
      {
        model: asked,
        effort: this.#effort,
        maxTokens: this.#maxTokens,
        system: this.#system,
        content: executorPrompt(task, previous, this.#retryPrompt, undefined, results),
      },
      { signal, givingBack, timeoutMs: this.#timeoutMs, budget },
    );
    const { model = asked, stopReason, usage } = answer;
    const metadata = { model, prompt: this.#prompt, ...(stopReason !== undefined && { stopReason }) };
    if (answer.ok) return { success: true, output: answer.text, usage, metadata };
    return { ...notExecuted(answer), usage, metadata };
  }
}

function notExecuted({ failure, text }: NotAnswered): ExecutionResult {
  return { success: false, error: failure, output: text };
}
