/** What somebody asked a store for. They are told once it is kept. */
export abstract class Request<T = unknown> {
  readonly answer = Promise.withResolvers<T>();
  /** Whether they are told only when it is on the disk. */
  awaitsSync: boolean;
  protected value: T | undefined;
  #failure: { error: unknown } | undefined;

  constructor(awaitsSync: boolean) {
    this.awaitsSync = awaitsSync;
  }

  /** Whether the tasks that are there need not be known for it. */
  abstract get isBlind(): boolean;

  /** Whether nothing more is to be done before they know. */
  abstract get holdsUp(): boolean;

  /** The first failure is the one that is told. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  tell(): void {
    if (this.#failure) this.answer.reject(this.#failure.error);
    else this.answer.resolve(this.value as T);
  }
}
