import type { Claude } from '../../claude/ask.ts';
import { type ClaudeOptions, createClaude } from '../../claude/client.ts';
import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL, type Effort, longestAnswer } from '../../claude/models.ts';
import { promptHash } from '../../claude/prompt-hash.ts';
import { taskResults } from '../../claude/task-results.ts';
import { requireCount, requireMs, requireText } from '../../model/expect.ts';
import type { Executed, Verification } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { VerificationContext, Verifier } from '../../ports/verifier.ts';
import { JUDGE_SYSTEM } from './judge-system.ts';
import { JUDGE_REQUEST, judgePrompt, judgeSystem } from './prompt.ts';

export interface ClaudeVerifierOptions extends ClaudeOptions {
  /** Default: `DEFAULT_MODEL`. */
  model?: string;
  /** Default `low`; left out for models that do not take it. */
  effort?: Effort;
  /** Most tokens of a reply; thinking counts, so that a short verdict still needs room. At most what the model gives (128,000; 64,000 of a 4.5 model). Default: `DEFAULT_MAX_TOKENS`. */
  maxTokens?: number;
  /** Milliseconds that one call may take. Default 120,000 (2 minutes). */
  timeoutMs?: number;
  /** How to judge, before the rules on what is data and what a verdict holds. Default: `JUDGE_SYSTEM`. */
  system?: string;
  /** Used instead of one of its own; `apiKey` and `baseURL` then mean nothing. */
  client?: Claude;
}

/**
 * Lets Claude judge a result. A reply that is not a verdict, is cut, refused, empty or late, is "could not tell";
 * where the API did not serve the call at all, that is the error. `metadata` holds the model that answered (the one that was
 * asked, where none did) and a hash of the judge's prompt (`promptHash`), whatever came of it.
 */
export class ClaudeVerifier implements Verifier {
  readonly name = 'judge';
  readonly #client: Claude;
  readonly #model: string;
  readonly #effort: Effort;
  readonly #maxTokens: number;
  readonly #timeoutMs: number;
  readonly #system: string;
  readonly #prompt: string;

  /** @throws `usage`: a limit that is none, a blank text, or an empty `apiKey`. */
  constructor(options: ClaudeVerifierOptions = {}) {
    this.#client = options.client ?? createClaude(options);
    this.#model = requireText('model', options.model ?? DEFAULT_MODEL);
    this.#effort = options.effort ?? 'low';
    const most = longestAnswer(this.#model);
    this.#maxTokens = requireCount('maxTokens', options.maxTokens ?? DEFAULT_MAX_TOKENS, most);
    this.#timeoutMs = requireMs('timeoutMs', options.timeoutMs ?? 120_000);
    this.#system = judgeSystem(requireText('system', options.system ?? JUDGE_SYSTEM));
    this.#prompt = promptHash([this.#system, JUDGE_REQUEST]);
  }

  async verify(
    task: Task,
    execution: Executed,
    { signal, givingBack, budget, resultOf }: VerificationContext,
  ): Promise<Verification> {
    // Loads zod, which takes longer than all the rest: only when there is something to judge.
    const { readVerdict, VERDICT_SCHEMA } = await import('./verdict.ts');
    const results = await taskResults(task, resultOf);
    const answer = await this.#client.ask(
      {
        model: this.#model,
        maxTokens: this.#maxTokens,
        system: this.#system,
        content: judgePrompt(task, execution.output, undefined, results),
        effort: this.#effort,
        schema: VERDICT_SCHEMA,
      },
      { signal, givingBack, timeoutMs: this.#timeoutMs, budget },
    );
    const { model = this.#model, usage } = answer;
    const kept = { ...(usage && { usage }), metadata: { model, prompt: this.#prompt } };
    if (!answer.ok) {
      const { failure } = answer;
      const { kind, message: reason, silentMs } = failure;
      if (kind !== 'failed') return { error: failure, ...kept };
      return { inconclusive: true, reason, ...(silentMs !== undefined && { silentMs }), ...kept };
    }
    const read = readVerdict(answer.text);
    if ('reason' in read) return { inconclusive: true, reason: read.reason, ...kept };
    return { ...read.verdict, ...kept };
  }
}
