import { Agreement } from './agreement.ts';
import type { Level } from './level.ts';
import type { LimitNews } from './limit-headers.ts';

/** How the server keeps its bucket. */
export interface ServerBucket {
  /** What it rounds down to when it says what is left. */
  grain: number;
  /**
   * When it takes what a call costs: as it arrives, or by and by until it has ended. Calls under way may then have cost nothing yet,
   * or all.
   */
  taken: 'at arrival' | 'by and by';
}

/** How a bucket stood when a call was sent, which is about when it arrived. What its answer says was left is of that moment. */
export interface Mark {
  at: number;
  /** Undefined: the limit was not known yet. */
  level: number | undefined;
  /** The sum of corrections by then. */
  corrected: number;
  /** The sum of what was taken by then, the call's own included. */
  taken: number;
  /** Of that, what calls take that were under way then, this one included. */
  underWay: number;
  /** What the call cost the server on arrival. */
  own: number;
  /** How many runs there were. */
  runs: number;
}

/** Brings the level of a mirrored bucket to what answers say of the server's. Times are milliseconds of one steady clock. */
export class Correction {
  readonly #level: Level;
  readonly #server: ServerBucket;
  readonly #runs: () => number;
  readonly #agreement = new Agreement();

  /** @param runs how many draw on the server's bucket, this one included. */
  constructor(level: Level, server: ServerBucket, runs: () => number) {
    this.#level = level;
    this.#server = server;
    this.#runs = runs;
  }

  /** @param taken the sum of what was taken by now; the level has to be filled up to now. */
  learn({ perMinute, left }: LimitNews, mark: Mark, taken: number, now: number): void {
    const isFirst = this.#level.perMinute === undefined;
    this.#level.limit(perMinute);
    if (left === undefined) {
      if (isFirst) this.#guess(perMinute);
      return;
    }
    this.#level.raiseCap(left + mark.own);
    this.#level.seen(left, now);
    if (mark.level !== undefined) this.#compare(left, mark, mark.level);
    else this.#place(this.#levelAfter(left, mark, taken, now), mark, isFirst);
  }

  /** How much it holds is not told: a second's worth is a guess that cannot be far above it. */
  #guess(perMinute: number): void {
    this.#level.raiseCap(Math.max(1, perMinute / 60));
    this.#level.set(this.#level.cap / this.#runs());
  }

  /**
   * By the answer to a call that was sent before the limit was known. In which order calls arrived nobody knows, as the first are
   * sent at once; each is taken for the first of those under way, which is true of one of them, and too low for the others. What was
   * left is for a run that was alone: of several, others had begun to use it.
   */
  #levelAfter(left: number, mark: Mark, taken: number, now: number): number {
    const cameIn = (this.#level.ratePerMs * (now - mark.at)) / this.#runs();
    const since = taken - mark.taken + mark.underWay - mark.own;
    return (wasAlone(mark) ? left : 0) + cameIn - since;
  }

  #place(level: number, mark: Mark, isFirst: boolean): void {
    const { cap, value, fullAt } = this.#level;
    const placed = Math.min(level, wasAlone(mark) ? cap : cap / this.#runs());
    if (isFirst) this.#level.set(placed);
    // What came in after it was full was lost, and nobody counted it.
    else if (level > value && mark.at > fullAt) this.#level.correct(placed - value);
  }

  /**
   * The server's level was between `left` and a grain above it. Calls that are sent together arrive in any order, so that a single
   * answer says little: the mirror is corrected when several in a row agree, by what they agree on. Calls that were sent before such a
   * correction saw the same error, and do not correct it again. Of a bucket that runs share, it is others who may still use what is left.
   */
  #compare(left: number, mark: Mark, level: number): void {
    const { grain, taken } = this.#server;
    const low = level + this.#level.corrected - mark.corrected;
    const high = taken === 'by and by' ? low + mark.underWay : low;
    const excess = Math.max(0, low - (left + grain));
    const missing = this.#runs() > 1 ? 0 : Math.max(0, left - (high + grain));
    const agreed = this.#agreement.of(missing - excess);
    if (agreed !== undefined) this.#level.correct(agreed);
  }
}

function wasAlone({ runs }: Mark): boolean {
  return runs === 1;
}
