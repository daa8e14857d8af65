import type { TaskStore } from '../../ports/task-store.ts';

/** Milliseconds between two looks at the store when it says that something changed; and looks that are let pass when it does not. */
const LOOK_MS = 1_000;
const PASSED_LOOKS = 5;

/** How many runs live on a store, as it was last seen. Nobody waits for the store to know it. */
export class LiveRuns {
  readonly #store: TaskStore;
  readonly #timer: NodeJS.Timeout;
  readonly #endChanges: () => void;
  #count: number;
  #isLooking = false;
  #hasChanged = false;
  #passed = 0;

  /** @param others runs that lived before this one. */
  private constructor(store: TaskStore, others: number) {
    this.#store = store;
    this.#count = others + 1;
    this.#endChanges = store.changes(() => {
      this.#hasChanged = true;
    });
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  /** To be called before this run joins the store. */
  static async of(store: TaskStore): Promise<LiveRuns> {
    return new LiveRuns(store, (await store.runs()).length);
  }

  /** This run included. */
  get count(): number {
    return this.#count;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#endChanges();
  }

  async #look(): Promise<void> {
    this.#passed += 1;
    if (this.#isLooking || (!this.#hasChanged && this.#passed < PASSED_LOOKS)) return;
    this.#isLooking = true;
    this.#hasChanged = false;
    this.#passed = 0;
    try {
      this.#count = Math.max(1, (await this.#store.runs()).length);
    } catch {
      // A store that is broken says so to the run itself.
    } finally {
      this.#isLooking = false;
    }
  }
}
