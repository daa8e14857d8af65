import type { LearnedLimits } from '../../model/learned-limits.ts';
import type { TaskStore } from '../../ports/task-store.ts';

/** Notes in the store what a run has learned of the limits, so that one that joins it need not find them out by itself. */
export class LimitNotes {
  readonly #store: TaskStore;
  #run: string | undefined;
  #noted = '{}';

  constructor(store: TaskStore) {
    this.#store = store;
  }

  /** The run has joined the store. */
  begin(run: string): void {
    this.#run = run;
  }

  changed(limits: LearnedLimits): void {
    const text = JSON.stringify(limits);
    if (this.#run === undefined || text === this.#noted) return;
    this.#noted = text;
    // A store that is broken says so to the run itself.
    void this.#store.note(this.#run, { limits }).catch(() => undefined);
  }
}
