import { outputText } from '../../model/encoding.ts';
import { messageOf } from '../../model/errors.ts';
import { requireMs } from '../../model/expect.ts';
import { patternOf } from '../../model/pattern.ts';
import type { Executed, Verification } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { VerificationContext, Verifier } from '../../ports/verifier.ts';
import { TimedThreads } from '../timed-threads.ts';
import type { Match } from './match-thread.ts';

export interface ExpectVerifierOptions {
  /** What its verdicts are called. Default: `expect`. */
  name?: string;
  /** A regular expression, as `patternOf` reads it. Default: each task's own `expect`. */
  expect?: string;
  /** Milliseconds that one match may take. Default: 5000. */
  timeoutMs?: number;
}

/** The same for all verifiers: they are idle nearly always. */
const threads = new TimedThreads<Match, boolean>('./match-thread', import.meta.url);

/**
 * Passes a result in which a regular expression is found. One line end at the result's end does not count, so that `^42$` finds what
 * `echo 42` prints. A match is made in a thread of its own: one that takes too long is "could not tell", and holds nothing else up.
 */
export class ExpectVerifier implements Verifier {
  readonly name: string;
  readonly #expect: string | undefined;
  readonly #timeoutMs: number;

  /** @throws `usage`: no regular expression, or a time-out that is none. */
  constructor({ name = 'expect', expect, timeoutMs = 5_000 }: ExpectVerifierOptions = {}) {
    if (expect !== undefined) patternOf(expect);
    this.name = name;
    this.#expect = expect;
    this.#timeoutMs = requireMs('timeoutMs', timeoutMs);
  }

  /** With a pattern of its own to every task, otherwise to those that expect something. */
  applies(task: Task): boolean {
    return (this.#expect ?? task.expect) !== undefined;
  }

  async verify(task: Task, execution: Executed, context: VerificationContext): Promise<Verification> {
    return { ...(await this.#match(task, execution, context)), isCheck: true };
  }

  async #match(task: Task, execution: Executed, { signal }: VerificationContext): Promise<Verification> {
    const pattern = this.#expect ?? task.expect;
    if (pattern === undefined) return { inconclusive: true, reason: `task ${task.id} expects nothing` };
    try {
      patternOf(pattern);
    } catch (error) {
      return { error: { kind: 'permanent', message: messageOf(error) } };
    }
    try {
      const text = withoutLineEnd(outputText(execution.output, execution.metadata));
      const found = await threads.run({ pattern, text }, this.#timeoutMs, signal);
      if (found) return { passed: true, confidence: 1, feedback: '', issues: [] };
      const feedback = `Expected the result to match the regular expression ${pattern}`;
      return { passed: false, confidence: 1, feedback, issues: [feedback] };
    } catch (error) {
      return { inconclusive: true, reason: `the match with ${pattern} gave nothing: ${messageOf(error)}` };
    }
  }
}

function withoutLineEnd(text: string): string {
  if (text.endsWith('\r\n')) return text.slice(0, -2);
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
