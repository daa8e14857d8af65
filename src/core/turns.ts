import { TransitMap } from '../model/transit-map.ts';

/** One piece of work among those on the same thing. */
export interface Turn {
  /** The end of the piece before it; undefined when this one may begin at once. */
  readonly before: Promise<void> | undefined;
  /** Says that it has ended: the next may begin. */
  end(): void;
}

/** Work on the same thing is done one piece after the other, in the order in which it was asked for. */
export class Turns {
  readonly #last = new TransitMap<Promise<void>>();

  take(key: string): Turn {
    const before = this.#last.get(key);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#last.set(key, ended);
    const end = (): void => {
      resolve();
      if (this.#last.get(key) === ended) this.#last.delete(key);
    };
    return { before, end };
  }
}
