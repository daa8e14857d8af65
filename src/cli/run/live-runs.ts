import type { LiveRun, TaskStore } from '../../ports/task-store.ts';

/**
 * Milliseconds between two looks at the store when it says that something changed: runs that start together must know of each
 * other before the first answers let them send more.
 */
const LOOK_MS = 250;

/** Looks that are let pass when it does not say so: after another run was seen, and at most. Where nothing happens, who lives matters to nobody. */
const PASSED_LOOKS = 20;
const MOST_PASSED_LOOKS = 240;

export interface LiveRunsOptions {
  store: TaskStore;
  /** Those that call another service, or none, do not count. */
  service: string;
  /** Called with the others that count, as they were last seen. */
  onSeen(others: LiveRun[]): void;
}

/** Which runs live on a store beside one's own and call the same service, as was last seen. Nobody waits for the store to know it. */
export class LiveRuns {
  readonly #options: LiveRunsOptions;
  #end: (() => void) | undefined;
  #others = 0;
  #isLooking = false;
  #hasChanged = false;
  #passed = 0;
  #lettingPass = PASSED_LOOKS;

  constructor(options: LiveRunsOptions) {
    this.#options = options;
  }

  /** This run included. */
  get count(): number {
    return this.#others + 1;
  }

  /** This run has joined the store as `own`; `others` lived before, whatever they call: until the first look all of them count. */
  begin(own: string, others: number): void {
    this.#others = others;
    this.#hasChanged = others > 0;
    const endChanges = this.#options.store.changes(() => {
      this.#hasChanged = true;
    });
    const timer = setInterval(() => void this.#look(own), LOOK_MS).unref();
    this.#end = () => {
      clearInterval(timer);
      endChanges();
    };
  }

  close(): void {
    this.#end?.();
  }

  async #look(own: string): Promise<void> {
    this.#passed += 1;
    if (this.#isLooking || (!this.#hasChanged && this.#passed < this.#lettingPass)) return;
    this.#isLooking = true;
    if (!this.#hasChanged) this.#lettingPass = Math.min(4 * this.#lettingPass, MOST_PASSED_LOOKS);
    this.#hasChanged = false;
    this.#passed = 0;
    try {
      const { store, service } = this.#options;
      const others = (await store.runs()).filter((run) => run.id !== own && run.service === service);
      if (others.length !== this.#others) this.#lettingPass = PASSED_LOOKS;
      this.#others = others.length;
      this.#options.onSeen(others);
    } catch {
      // A store that is broken says so to the run itself.
    } finally {
      this.#isLooking = false;
    }
  }
}
