import { TransitMap } from '../model/transit-map.ts';

/** One piece of work among those on the same thing. */
export interface Turn {
  /** The end of the piece before it; undefined when this one may begin at once. */
  readonly before: Promise<void> | undefined;
  /** Says that it has ended: the next may begin. */
  end(): void;
}

/** Somebody's turn: nearly always nobody waits for its end. */
interface Taken {
  end?: PromiseWithResolvers<void>;
}

/** Work on the same thing is done one piece after the other, in the order in which it was asked for. */
export class Turns {
  readonly #last = new TransitMap<Taken>();

  take(key: string): Turn {
    const last = this.#last.get(key);
    if (last) last.end ??= Promise.withResolvers();
    const taken: Taken = {};
    this.#last.set(key, taken);
    const end = (): void => {
      taken.end?.resolve();
      if (this.#last.get(key) === taken) this.#last.delete(key);
    };
    return { before: last?.end?.promise, end };
  }
}
