import type { RunNote, TaskStore } from '../../ports/task-store.ts';

type LimitNote = Required<Pick<RunNote, 'limits' | 'holds'>>;

const NOTHING: LimitNote = { limits: {}, holds: {} };

/**
 * Notes in the store what a run has learned of the limits, so that one that joins it need not find them out by itself, and until when it
 * was told to wait, so that no other goes on calling.
 */
export class LimitNotes {
  readonly #store: TaskStore;
  #run: string | undefined;
  #noted = JSON.stringify(NOTHING);

  constructor(store: TaskStore) {
    this.#store = store;
  }

  /** The run has joined the store. */
  begin(run: string): void {
    this.#run = run;
  }

  changed({ limits, holds }: LimitNote): void {
    const note: LimitNote = { limits, holds };
    const text = JSON.stringify(note);
    if (this.#run === undefined || text === this.#noted) return;
    this.#noted = text;
    // A store that is broken says so to the run itself.
    void this.#store.note(this.#run, note).catch(() => undefined);
  }
}
