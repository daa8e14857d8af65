import { TransitMap } from '../model/transit-map.ts';

/** One piece of work among those on the same thing. */
interface Piece {
  /** The end of the piece before it; undefined when this one may begin at once. */
  readonly before: Promise<void> | undefined;
  /** Says that it has ended: the next may begin. */
  end(): void;
}

/** A piece that has not ended: nearly always nobody waits for that. */
interface Open {
  ended?: PromiseWithResolvers<void>;
}

/** Work on the same thing is done one piece after the other, in the order in which it was asked for. */
export class OneByOne {
  readonly #last = new TransitMap<Open>();

  next(key: string): Piece {
    const last = this.#last.get(key);
    if (last) last.ended ??= Promise.withResolvers();
    const open: Open = {};
    this.#last.set(key, open);
    const end = (): void => {
      open.ended?.resolve();
      if (this.#last.get(key) === open) this.#last.delete(key);
    };
    return { before: last?.ended?.promise, end };
  }
}
