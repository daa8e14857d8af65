import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { unexpected } from '../../model/expect.ts';
import type { ExecutionResult } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import { cut } from '../../model/text.ts';
import type { ExecutionContext, Executor } from '../../ports/executor.ts';

export interface SimulatedExecutorOptions {
  /** Another seed spreads the latencies otherwise. Default: 0. */
  seed?: number;
  /** The least and the most milliseconds that an answer takes. Default: 50 to 250. */
  latencyMs?: readonly [min: number, max: number];
}

/**
 * Stands in for a model in rehearsals, demonstrations and tests: no key, no network, no cost. It does no work, and
 * each of its outputs says so. The same task, attempt and feedback always give the same output after the same
 * latency; no two attempts of a task give the same output. Without usage, since nothing was used.
 */
export class SimulatedExecutor implements Executor {
  readonly #seed: number;
  readonly #min: number;
  readonly #max: number;

  /** @throws `usage`: the latencies are not 0 <= min <= max. */
  constructor({ seed = 0, latencyMs = [50, 250] }: SimulatedExecutorOptions = {}) {
    const [min, max] = latencyMs;
    if (!(min >= 0 && max >= min && max < Number.POSITIVE_INFINITY)) {
      throw unexpected('latencyMs', 'a least and a most time', latencyMs.join(' to '));
    }
    this.#seed = seed;
    this.#min = min;
    this.#max = max;
  }

  async execute(task: Task, context: ExecutionContext): Promise<ExecutionResult> {
    try {
      await delay(this.#latency(task, context.attempt), undefined, { signal: context.signal });
    } catch {
      return { success: false, error: { kind: 'failed', message: 'aborted' } };
    }
    return { success: true, output: outputOf(task, context), metadata: { simulated: true } };
  }

  #latency(task: Task, attempt: number): number {
    const key = JSON.stringify([this.#seed, task.id, task.description, attempt]);
    const share = createHash('sha256').update(key).digest().readUInt32BE() / 2 ** 32;
    return Math.floor(this.#min + share * (this.#max - this.#min));
  }
}

function outputOf(task: Task, { attempt, previous }: ExecutionContext): string {
  const lines = [
    `[simulated] Attempt ${attempt} at ${task.id}. No model was asked.`,
    `Here would be the answer to: ${firstLine(task.description)}`,
  ];
  if (previous) lines.push(`Mended as asked for: ${firstLine(previous.feedback)}`);
  return lines.join('\n');
}

function firstLine(text: string): string {
  return cut(text.trim().split('\n', 1)[0]!, 200);
}
