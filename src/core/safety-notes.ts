import type { Gauge, SafetyCheck } from '../ports/safety-check.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { Runtime } from './runtime.ts';

/** Share of a limit from which on it is noted. */
const NEAR = 0.5;

/** Shortest time between two notes, in milliseconds. */
const NOTE_MS = 1_000;

export interface SafetyNotesParts {
  runId: string;
  store: TaskStore;
  safety: SafetyCheck | undefined;
  runtime: Runtime;
  /** Aborts when the run is over. */
  ended: AbortSignal;
  onError(error: unknown): void;
}

/** Notes in the store which limits a run is near to, and which one it has reached, so that others can see it. */
export class SafetyNotes {
  readonly #parts: SafetyNotesParts;
  #last = '[]';
  #isResting = false;

  constructor(parts: SafetyNotesParts) {
    this.#parts = parts;
  }

  /** To be called when something was recorded. */
  changed(): void {
    const { safety, ended } = this.#parts;
    if (!safety || this.#isResting || ended.aborted) return;
    const near = (safety.gauges ?? []).filter(isNear);
    const tripped = safety.stopReason;
    const now = JSON.stringify([near.map(({ what, used }) => [what, used]), tripped]);
    if (now === this.#last || (near.length === 0 && this.#last === '[]')) return;
    this.#last = now;
    void this.#note({ near, ...(tripped !== undefined && { tripped }) });
  }

  async #note(safety: { near: Gauge[]; tripped?: string }): Promise<void> {
    const { store, runId, runtime, ended, onError } = this.#parts;
    this.#isResting = true;
    try {
      await store.note(runId, { safety });
      await runtime.sleep(NOTE_MS, ended);
    } catch (error) {
      onError(error);
    }
    this.#isResting = false;
    this.changed();
  }
}

function isNear({ used, limit }: Gauge): boolean {
  return used >= NEAR * limit;
}
