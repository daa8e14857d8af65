import { isBinary } from '../../model/encoding.ts';
import { messageOf } from '../../model/errors.ts';
import { requireMs } from '../../model/expect.ts';
import type { Executed, Verification } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { VerificationContext, Verifier } from '../../ports/verifier.ts';
import { TimedThreads } from '../timed-threads.ts';
import type { Findings, Validation } from './validate-thread.ts';

export interface SchemaVerifierOptions {
  /** What its verdicts are called. Default: `schema`. */
  name?: string;
  /** A JSON Schema 2020-12. Default: each task's own `schema`. */
  schema?: Record<string, unknown>;
  /** Milliseconds that one validation may take. Default: 5000. */
  timeoutMs?: number;
}

/** One for all. It loads ajv, so that this process need not. */
const threads = new TimedThreads<Validation, Findings>('./validate-thread', import.meta.url);

/**
 * Passes a result that is JSON, or that has one fenced block of it (```json) with whatever around it, and that a JSON Schema 2020-12 allows. What is wrong is the feedback, with
 * its places. It is done in a thread of its own: what takes too long, as a `pattern` may, is "could not tell". So is, for good, a
 * schema that is none.
 */
export class SchemaVerifier implements Verifier {
  readonly name: string;
  readonly #schema: Record<string, unknown> | undefined;
  readonly #timeoutMs: number;

  /** @throws `usage`: a time-out that is none. */
  constructor({ name = 'schema', schema, timeoutMs = 5_000 }: SchemaVerifierOptions = {}) {
    this.name = name;
    this.#schema = schema;
    this.#timeoutMs = requireMs('timeoutMs', timeoutMs);
  }

  /** With a schema of its own to every task, otherwise to those that have one. */
  applies(task: Task): boolean {
    return (this.#schema ?? task.schema) !== undefined;
  }

  async verify(task: Task, execution: Executed, context: VerificationContext): Promise<Verification> {
    return { ...(await this.#validate(task, execution, context)), isCheck: true };
  }

  async #validate(
    task: Task,
    { output: result, metadata }: Executed,
    { signal }: VerificationContext,
  ): Promise<Verification> {
    const schema = this.#schema ?? task.schema;
    if (schema === undefined) return { inconclusive: true, reason: `task ${task.id} has no schema` };
    if (isBinary(metadata)) return verificationOf({ issues: ['it is not JSON: its bytes are no UTF-8'] });
    try {
      const job = { schema: JSON.stringify(schema), result };
      return verificationOf(await threads.run(job, this.#timeoutMs, signal));
    } catch (error) {
      return { inconclusive: true, reason: `the validation gave nothing: ${messageOf(error)}` };
    }
  }
}

function verificationOf(findings: Findings): Verification {
  if ('unusable' in findings) return { error: { kind: 'permanent', message: findings.unusable } };
  const { issues } = findings;
  if (issues.length === 0) return { passed: true, confidence: 1, feedback: '', issues };
  const feedback = ['The result does not fit its JSON Schema:', ...issues.map((issue) => `- ${issue}`)];
  return { passed: false, confidence: 1, feedback: feedback.join('\n'), issues };
}
