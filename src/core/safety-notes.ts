import type { Gauge, SafetyCheck } from '../ports/safety-check.ts';
import type { RunNote, TaskStore } from '../ports/task-store.ts';
import type { Runtime } from './runtime.ts';

/** Share of a limit from which on it is noted. */
const NEAR = 0.5;

/** Shortest time between two notes, in milliseconds. */
const NOTE_MS = 1_000;

/** Time between two looks at what the clock alone changes, in milliseconds. */
const CLOCK_MS = 5_000;

/** What is not worth a note at the start. */
const NOTHING = '[]';

type Noted = NonNullable<RunNote['safety']>;
type LeftOutNote = Noted['leftOut'];

interface SafetyNotesParts {
  runId: string;
  store: TaskStore;
  safety: SafetyCheck | undefined;
  /** How much of the budget is used up. */
  money(): readonly Gauge[];
  /** What it leaves pending for want of money. */
  leftOut(): LeftOutNote;
  runtime: Runtime;
  /** Aborts when the run is over. */
  ended: AbortSignal;
  onError(error: unknown): void;
}

/** Notes in the store which limits a run is near to, and which one it has reached, so that others can see it. */
export class SafetyNotes {
  readonly #parts: SafetyNotesParts;
  #last = NOTHING;
  #tripped: string | undefined;
  #isResting = false;

  constructor(parts: SafetyNotesParts) {
    this.#parts = parts;
  }

  /** To be called when something was recorded or spent. */
  changed(): void {
    const { safety, money, leftOut: left, ended } = this.#parts;
    if (this.#isResting || ended.aborted) return;
    const near = [...(safety?.gauges ?? []), ...money()].filter(isNear);
    const tripped = this.#tripped;
    const leftOut = left();
    // Mostly there is nothing, as often as a task ends.
    if (near.length === 0 && tripped === undefined && !leftOut && this.#last === NOTHING) return;
    const now = JSON.stringify([near.map(({ what, used }) => [what, used]), leftOut, tripped]);
    if (now === this.#last) return;
    this.#last = now;
    void this.#note({ near, ...(leftOut && { leftOut }), ...(tripped !== undefined && { tripped }) });
  }

  /** This is why the run is being stopped. */
  trip(reason: string): void {
    this.#tripped ??= reason;
    this.changed();
  }

  /** Notes what the clock alone changes, until the run has ended. */
  async watchClock(): Promise<void> {
    const { runtime, ended } = this.#parts;
    while (!ended.aborted) {
      await runtime.sleep(CLOCK_MS, ended);
      this.changed();
    }
  }

  async #note(safety: Noted): Promise<void> {
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
