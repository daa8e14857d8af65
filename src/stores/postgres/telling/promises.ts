/** After so many milliseconds a promise is taken for broken. */
const KEPT_WITHIN_MS = 2000;

/** Tasks of which others were told that a run of this process takes them. One that is to begin nothing more, say, does not. */
export class Promises {
  readonly #broken: (task: string) => void;
  readonly #open = new Map<string, NodeJS.Timeout>();

  /** @param broken is called with each task that nobody here has taken in time. */
  constructor(broken: (task: string) => void) {
    this.#broken = broken;
  }

  made(tasks: readonly string[]): void {
    for (const task of tasks) {
      this.kept(task);
      const timer = setTimeout(() => {
        this.#open.delete(task);
        this.#broken(task);
      }, KEPT_WITHIN_MS);
      this.#open.set(task, timer.unref());
    }
  }

  kept(task: string): void {
    clearTimeout(this.#open.get(task));
    this.#open.delete(task);
  }

  clear(): void {
    for (const timer of this.#open.values()) clearTimeout(timer);
    this.#open.clear();
  }
}
