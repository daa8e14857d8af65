import type { LearnedLimit } from '../../model/learned-limits.ts';
import { Agreement } from './agreement.ts';
import { Division } from './division.ts';
import { LastMinute } from './last-minute.ts';
import type { LimitNews } from './limit-headers.ts';

/**
 * What is never used, besides `reserve`: what comes in within some milliseconds, since a busy machine sends calls unevenly late, but
 * only so much of what there can be.
 */
const RESERVE_MS = 50;
const MOST_RESERVED = 0.1;

/** Milliseconds by which calls are kept apart where a bucket is too small for a reserve. */
const SLACK_MS = 20;

export interface BucketOptions {
  /** What the server rounds down to when it says what is left. */
  grain: number;
  /** The least that is never used, so that a call which arrives before others is not refused. That costs so much once, not each time. */
  reserve: number;
  /**
   * When the server takes what a call costs: as it arrives, or by and by until it has ended. Calls under way may then have
   * cost nothing yet, or all.
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

/**
 * A mirror of one of the server's token buckets: it fills at the rate of the limit, up to the most that was ever seen in the
 * server's, and calls take from it. Before the first answer it only counts. Times are milliseconds of one steady clock.
 *
 * `runs`: how many draw on the server's bucket, this one included. Each mirrors its part of it alone.
 */
export class Bucket {
  readonly #options: BucketOptions;
  readonly #agreement = new Agreement();
  readonly #division = new Division();
  readonly #lastMinute = new LastMinute();
  #perMinute: number | undefined;
  /** Of the server's. */
  #cap = 0;
  /** Below 0 after a call that took more than there was. */
  #level = 0;
  #filledAt = 0;
  /** Of calls that have their turn and are not sent yet. */
  #reserved = 0;
  /** What was taken so far, estimates of calls under way included. */
  #taken = 0;
  #underWay = 0;
  /** By how much the level was moved so far, other than by filling and taking. */
  #corrected = 0;
  /** When it was full last. */
  #fullAt = Number.NEGATIVE_INFINITY;

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  /** The limit; undefined while it is not known. */
  get perMinute(): number | undefined {
    return this.#perMinute;
  }

  /** What others may be told of it; undefined while it is not known. */
  get learned(): LearnedLimit | undefined {
    return this.#perMinute === undefined ? undefined : { perMinute: this.#perMinute, most: this.#cap };
  }

  /** What this run took within about the last minute. */
  used(now: number, runs: number): number {
    this.#fill(now, runs);
    return this.#lastMinute.growth(this.#taken);
  }

  /** What may be taken now; below 0: what has to come in before that. */
  level(now: number, runs: number): number {
    this.#fill(now, runs);
    return this.#level - this.#reserved;
  }

  /** Milliseconds until so much may be taken. Who wants more than there can be waits for a full bucket. */
  wait(amount: number, now: number, runs: number): number {
    this.#fill(now, runs);
    if (this.#perMinute === undefined) return 0;
    const divisor = this.#division.among(runs);
    const needed = Math.min(amount + this.#reserve(divisor), this.#cap / divisor);
    const missing = needed - this.#level + this.#reserved;
    return Math.max(0, missing / (ratePerMs(this.#perMinute) / divisor));
  }

  /** A call has its turn, but much may have to be done before it is sent. Until then the server's bucket fills on, or is full. */
  reserve(amount: number): void {
    this.#reserved += amount;
  }

  /** The call is not sent after all, or is sent now. */
  release(amount: number): void {
    this.#reserved -= amount;
  }

  take(amount: number, now: number, runs: number): Mark {
    this.#fill(now, runs);
    this.#taken += amount;
    this.#underWay += amount;
    this.#level = Math.max(this.#level - amount - this.#slack(amount), this.#deepest());
    const level = this.#perMinute === undefined ? undefined : this.#level;
    const own = this.#options.taken === 'at arrival' ? amount : 0;
    return {
      at: now,
      level,
      corrected: this.#corrected,
      taken: this.#taken,
      underWay: this.#underWay,
      own,
      runs,
    };
  }

  /** A call that was expected to take so much has taken `actual`. */
  settle(expected: number, actual: number): void {
    this.#underWay -= expected;
    this.#taken += actual - expected;
    this.#move(expected - actual);
  }

  /** The server has refused a call for want of this. */
  empty(): void {
    if (this.#level > 0) this.#move(-this.#level);
  }

  /** What another run has learned, where this one knows nothing. It uses what there is now: this one begins with what comes in. */
  adopt({ perMinute, most }: LearnedLimit, now: number, runs: number): void {
    const isPossible = Number.isFinite(perMinute) && perMinute >= 1 && most >= 1;
    if (this.#perMinute !== undefined || !isPossible) return;
    this.#fill(now, runs);
    this.#perMinute = perMinute;
    this.#cap = Math.min(most, perMinute);
    this.#level = 0;
  }

  /** There is no such limit. */
  forget(): void {
    this.#perMinute = undefined;
    this.#cap = 0;
  }

  /** What the answer to a call says. */
  learn({ perMinute, left }: LimitNews, mark: Mark, now: number, runs: number): void {
    this.#fill(now, runs);
    const isFirst = this.#perMinute === undefined;
    this.#perMinute = perMinute;
    // A limit may be lowered at any time.
    this.#cap = Math.min(this.#cap, perMinute);
    this.#level = Math.max(this.#level, this.#deepest());
    if (left === undefined) {
      // How much it holds is not told: a second's worth is a guess that cannot be far above it.
      if (isFirst) this.#cap = Math.max(1, perMinute / 60);
      if (isFirst) this.#level = this.#cap / runs;
      return;
    }
    this.#cap = Math.min(perMinute, Math.max(this.#cap, left + mark.own));
    this.#division.seen(left / this.#cap, now);
    if (mark.level === undefined) this.#place(left, mark, now, runs, isFirst);
    else this.#compare(left, mark, mark.level, runs);
  }

  /**
   * From the answer to a call that was sent before the limit was known. In which order calls arrived nobody knows, as the first are
   * sent at once; each is taken for the first of those under way, which is true of one of them, and too low for the others. What was
   * left is for a run that was alone: of several, others had begun to use it.
   */
  #place(left: number, mark: Mark, now: number, runs: number, isFirst: boolean): void {
    const rate = ratePerMs(this.#perMinute ?? 0);
    const since = this.#taken - mark.taken + mark.underWay - mark.own;
    const wasAlone = mark.runs === 1;
    const level = (wasAlone ? left : 0) + (rate * (now - mark.at)) / runs - since;
    const most = wasAlone ? this.#cap : this.#cap / runs;
    if (isFirst) this.#level = Math.max(Math.min(level, most), this.#deepest());
    // What came in after it was full was lost, and nobody counted it.
    else if (level > this.#level && mark.at > this.#fullAt) this.#move(Math.min(level, most) - this.#level);
  }

  /**
   * The server's level was between `left` and a grain above it. Calls that are sent together arrive in any order, so that a single
   * answer says little: the mirror is moved when several in a row agree, by what they agree on. Calls that were sent before such a
   * move saw the same error, and do not move it again. Of a bucket that runs share, it is others who may still use what is left.
   */
  #compare(left: number, mark: Mark, level: number, runs: number): void {
    const { grain, taken } = this.#options;
    const low = level + this.#corrected - mark.corrected;
    const high = taken === 'by and by' ? low + mark.underWay : low;
    const excess = Math.max(0, low - (left + grain));
    const missing = runs > 1 ? 0 : Math.max(0, left - (high + grain));
    const agreed = this.#agreement.of(missing - excess);
    if (agreed !== undefined) this.#move(agreed);
  }

  #move(by: number): void {
    const level = Math.max(this.#level + by, this.#deepest());
    this.#corrected += level - this.#level;
    this.#level = level;
  }

  #reserve(divisor: number): number {
    const late = Math.min(RESERVE_MS * ratePerMs(this.#perMinute ?? 0), this.#cap * MOST_RESERVED) / divisor;
    return Math.max(this.#options.reserve, late);
  }

  /** A bucket that holds hardly more than a call takes has no room for a reserve. */
  #slack(amount: number): number {
    const isTight = this.#cap < amount + this.#options.reserve;
    return isTight ? SLACK_MS * ratePerMs(this.#perMinute ?? 0) : 0;
  }

  /** It owes a minute's worth at most, so that no figure of an answer, however wrong, can hold calls back for long. */
  #deepest(): number {
    return this.#perMinute === undefined ? Number.NEGATIVE_INFINITY : -this.#perMinute;
  }

  #fill(now: number, runs: number): void {
    this.#lastMinute.note(this.#taken, now);
    const passed = now - this.#filledAt;
    this.#filledAt = now;
    const divisor = this.#division.among(runs);
    if (this.#perMinute === undefined) return;
    const level = this.#level + (passed * ratePerMs(this.#perMinute)) / divisor;
    const most = this.#cap / divisor;
    if (level >= most) this.#fullAt = now;
    // What it had before others joined stays its own.
    this.#level = Math.max(Math.min(this.#level, this.#cap), Math.min(most, level));
  }
}

function ratePerMs(perMinute: number): number {
  return perMinute / 60_000;
}
