import type { SafetyCheck } from '../ports/safety-check.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { RunControl } from './control.ts';
import type { SafetyNotes } from './safety-notes.ts';

interface SharedTripParts {
  runId: string;
  store: TaskStore;
  safety: SafetyCheck | undefined;
  control: RunControl;
  notes: SafetyNotes;
  /** Another run has tripped, and this one stops with it. */
  onTrip(reason: string): void;
  /** The store broke. */
  onError(error: unknown): void;
}

/** What trips a safety check over what all runs on a store work on stops them all: the first tells the others. */
export class SharedTrip {
  readonly #parts: SharedTripParts;
  #told: Promise<void> | undefined;

  constructor(parts: SharedTripParts) {
    this.#parts = parts;
  }

  /** Resolves when the others know, where there is anything that they are to know. */
  get told(): Promise<void> | undefined {
    return this.#told;
  }

  /** This run's own safety check has tripped. */
  tellOthers(reason: string): void {
    this.#told = this.#tell(reason).catch(this.#parts.onError);
  }

  /** Another run has told of it. The one that told has heard it too. */
  async stopWithOthers(): Promise<void> {
    const { safety, store, control, onTrip } = this.#parts;
    if (safety?.stopReason !== undefined) return;
    const reason = await whyOthersTripped(store);
    if (control.draining.aborted) return;
    onTrip(reason);
    control.stop({ kind: 'safety', message: reason });
  }

  async #tell(reason: string): Promise<void> {
    const { runId, store, notes } = this.#parts;
    const runs = await store.runs();
    if (runs.every(({ id }) => id === runId)) return;
    await store.note(runId, { safety: { near: [], tripped: reason } });
    await store.control('trip');
    notes.trip(reason);
  }
}

/** What a run says of itself that was told to. The one that tripped first may have left by now. */
async function whyOthersTripped(store: TaskStore): Promise<string> {
  const run = (await store.runs()).find(({ safety }) => safety?.tripped !== undefined);
  if (run) return `a safety check stopped ${run.id}: ${run.safety?.tripped}`;
  const last = await store.lastStop();
  if (last?.kind === 'safety') return `a safety check stopped ${last.run}: ${last.message}`;
  return 'a safety check stopped another run on this store';
}
