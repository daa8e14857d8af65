/** Wakes whoever waits. Take the `next` promise before looking at what may change, so that no ring is missed. */
export class Bell {
  #next: PromiseWithResolvers<void> | undefined;

  ring(): void {
    this.#next?.resolve();
    this.#next = undefined;
  }

  next(): Promise<void> {
    this.#next ??= Promise.withResolvers<void>();
    return this.#next.promise;
  }
}
