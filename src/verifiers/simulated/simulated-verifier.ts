import { createHash } from 'node:crypto';
import type { Verification } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { Verifier } from '../../ports/verifier.ts';

export interface SimulatedVerifierOptions {
  /** Another seed rejects other tasks. Default: 0. */
  seed?: number;
}

const COMPLAINTS = [
  'The task asks for an example, and none is given.',
  'The answer stops before the last point of the task.',
  'The second claim stands there without a reason.',
  'The answer is right but twice as long as the task allows.',
];

/**
 * Stands in for a judge in rehearsals, demonstrations and tests. It does not read the result: about a third of all
 * tasks, always the same ones, is rejected at the first attempt; every later attempt passes. Its feedback says that
 * it is simulated.
 */
export class SimulatedVerifier implements Verifier {
  readonly name = 'simulated';
  readonly #seed: number;

  constructor({ seed = 0 }: SimulatedVerifierOptions = {}) {
    this.#seed = seed;
  }

  async verify(task: Task): Promise<Verification> {
    const complaint = task.attempts === 0 ? this.#complaintAbout(task) : undefined;
    if (complaint === undefined) {
      return { passed: true, confidence: 0.95, feedback: '[simulated] Nothing is missing.', issues: [] };
    }
    return { passed: false, confidence: 0.9, feedback: `[simulated] ${complaint}`, issues: [complaint] };
  }

  #complaintAbout({ id, description }: Task): string | undefined {
    const digest = createHash('sha256')
      .update(JSON.stringify([this.#seed, id, description]))
      .digest();
    if (digest.readUInt32BE() % 3 !== 0) return undefined;
    return COMPLAINTS[digest.readUInt32BE(4) % COMPLAINTS.length];
  }
}
