/** Wakes whoever waits. Take the `next` promise before looking at what may change, so that no ring is missed. */
export class Bell {
  #next = Promise.withResolvers<void>();

  ring(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }

  next(): Promise<void> {
    return this.#next.promise;
  }
}
