import { isBinary, resultBytes, resultMetadata } from '../model/encoding.ts';
import type { Task } from '../model/task.ts';
import type { ResultOf } from '../ports/result-of.ts';
import type { TaskStore } from '../ports/task-store.ts';

/** The results of the tasks that one comes after, as executor and verifier may ask for them during one claim of it. */
export class DependencyResults {
  readonly #store: TaskStore;
  readonly #task: Task;
  /** When each was completed that has been given: the judge is to see the same as the executor. */
  readonly #given = new Map<string, string | undefined>();
  #gone: string | undefined;
  #broken: { error: unknown } | undefined;

  constructor(store: TaskStore, task: Task) {
    this.#store = store;
    this.#task = task;
  }

  readonly resultOf: ResultOf = async (id) => {
    if (!this.#task.after?.includes(id)) throw new Error(`task ${this.#task.id} does not come after ${id}`);
    const found = await this.#read(id);
    const given = this.#given.has(id);
    if (found?.status !== 'completed' || (given && this.#given.get(id) !== found.endedAt)) {
      this.#gone ??= `the result of ${id} is gone: that task was reset meanwhile`;
      throw new Error(this.#gone);
    }
    this.#given.set(id, found.endedAt);
    return isBinary(resultMetadata(found)) ? resultBytes(found)! : (found.result ?? '');
  };

  /** Why one that was asked for could not be given. @throws what the store rejected with, where it broke. */
  whyGone(): string | undefined {
    if (this.#broken) throw this.#broken.error;
    return this.#gone;
  }

  async #read(id: string): Promise<Task | undefined> {
    try {
      return await this.#store.get(id);
    } catch (error) {
      this.#broken ??= { error };
      throw error;
    }
  }
}
