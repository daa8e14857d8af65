import { decide } from '../model/decide.ts';
import { BASE64, isBinary } from '../model/encoding.ts';
import { isOrchError } from '../model/errors.ts';
import type { RetryPolicy, Settlement } from '../model/settlement.ts';
import type { Lease } from '../model/task.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { AttemptRunner } from './attempt.ts';
import type { RunReport } from './report.ts';

/** An output that is paid for, but that the store could not take. */
export interface UnsavedOutput {
  taskId: string;
  output: string;
  /** It is bytes that are no UTF-8, in base64. */
  encoding?: 'base64';
}

/** A claim that was in hand when the store broke. */
interface Unkept {
  lease: Lease;
  runner: AttemptRunner;
  /** Absent: nothing was decided yet. */
  settlement: Settlement | undefined;
}

interface SalvageParts {
  store: TaskStore;
  policy: RetryPolicy;
  report: RunReport;
}

/** Brings home what was in hand when the store broke, or says what could not be. */
export class Salvage {
  readonly unsaved: UnsavedOutput[] = [];
  readonly #parts: SalvageParts;
  readonly #unkept: Unkept[] = [];

  constructor(parts: SalvageParts) {
    this.#parts = parts;
  }

  add(unkept: Unkept): void {
    this.#unkept.push(unkept);
  }

  /** Tries once more, since what broke the store may have passed: paid answers are kept, and nothing counts as a crash. */
  async save(): Promise<void> {
    // All at once: where the store is still held up, they share one wait.
    await Promise.all(
      this.#unkept.map(async (unkept) => {
        const { checkpoint, task } = unkept.runner;
        try {
          await this.#saveOne(unkept);
        } catch (error) {
          if (!checkpoint || isOrchError(error, 'lease-lost')) return;
          const encoding = isBinary(checkpoint.metadata) && { encoding: BASE64 };
          this.unsaved.push({ taskId: task.id, output: checkpoint.output, ...encoding });
        }
      }),
    );
  }

  /** As it was decided; where nothing was decided yet, the output is kept, and the task goes back. */
  async #saveOne({ lease, runner, settlement }: Unkept): Promise<void> {
    const { store, policy, report } = this.#parts;
    if (settlement) {
      const settled = await store.settle(lease, settlement);
      runner.announce();
      report.settled(settled, runner.task.attempts + 1, settlement);
      return;
    }
    const { checkpoint, task } = runner;
    const kept = checkpoint ? await store.checkpoint(lease, checkpoint) : task;
    const outcome = { type: 'interrupted', reason: 'the store could not be used' } as const;
    await store.settle(lease, decide(kept, outcome, policy));
  }
}
