import type { LearnedLimit } from '../../model/learned-limits.ts';
import { Correction, type Mark, type ServerBucket } from './correction.ts';
import { LastMinute } from './last-minute.ts';
import { Level } from './level.ts';
import type { LimitNews } from './limit-headers.ts';
import type { LimitState } from './state.ts';

/**
 * What is never used, besides `reserve`: what comes in within some milliseconds, since a busy machine sends calls unevenly late, but
 * only so much of what there can be.
 */
const RESERVE_MS = 50;
const MOST_RESERVED = 0.1;

/** Milliseconds by which calls are kept apart where a bucket is too small for a reserve. */
const SLACK_MS = 20;

export interface BucketOptions extends ServerBucket {
  /** The least that is never used, so that a call which arrives before others is not refused. That costs so much once, not each time. */
  reserve: number;
}

/**
 * A mirror of one of the server's token buckets, corrected by what answers say of it. Of a bucket that runs share, each mirrors its own
 * part alone. Times are milliseconds of one steady clock.
 */
export class Bucket {
  readonly #options: BucketOptions;
  readonly #runs: () => number;
  readonly #level: Level;
  readonly #correction: Correction;
  readonly #lastMinute = new LastMinute();
  /** Of calls that have their turn and are not sent yet. */
  #reserved = 0;
  /** What was taken so far, estimates of calls under way included. */
  #taken = 0;
  #underWay = 0;
  /** What is known is another run's, and no answer has told it yet. */
  #isAdopted = false;

  /** @param runs how many draw on the server's bucket, this one included. */
  constructor(options: BucketOptions, runs: () => number) {
    this.#options = options;
    this.#runs = runs;
    this.#level = new Level(runs);
    this.#correction = new Correction(this.#level, options, runs);
  }

  /** Whether there is a limit, as far as is known. */
  get known(): boolean {
    return this.#level.perMinute !== undefined;
  }

  /** What others may be told of it; undefined while no answer has told it. */
  get learned(): LearnedLimit | undefined {
    const { perMinute, cap: most } = this.#level;
    return perMinute === undefined || this.#isAdopted ? undefined : { perMinute, most };
  }

  /** How it is used; undefined while it is not known. */
  state(now: number): LimitState | undefined {
    this.#fill(now);
    const { perMinute, value } = this.#level;
    if (perMinute === undefined) return undefined;
    const left = Math.max(0, Math.floor(value - this.#reserved));
    const used = Math.max(0, Math.round(this.#lastMinute.growth(this.#taken)));
    return { perMinute, left, used };
  }

  /** Milliseconds until so much may be taken. Who wants more than there can be waits for a full bucket. */
  wait(amount: number, now: number): number {
    this.#fill(now);
    if (!this.known) return 0;
    const { cap, ratePerMs, value, divisor } = this.#level;
    const late = Math.min(RESERVE_MS * ratePerMs, cap * MOST_RESERVED) / divisor;
    const needed = Math.min(amount + Math.max(this.#options.reserve, late), cap / divisor);
    const missing = needed - value + this.#reserved;
    return Math.max(0, missing / (ratePerMs / divisor));
  }

  /** A call has its turn, but much may have to be done before it is sent. Until then the server's bucket fills on, or is full. */
  reserve(amount: number): void {
    this.#reserved += amount;
  }

  /** The call is not sent after all, or is sent now. */
  release(amount: number): void {
    this.#reserved -= amount;
  }

  take(amount: number, now: number): Mark {
    this.#fill(now);
    this.#taken += amount;
    this.#underWay += amount;
    this.#level.take(amount + this.#slack(amount));
    const { value, corrected } = this.#level;
    return {
      at: now,
      level: this.known ? value : undefined,
      corrected,
      taken: this.#taken,
      underWay: this.#underWay,
      own: this.#options.taken === 'at arrival' ? amount : 0,
      runs: this.#runs(),
    };
  }

  /** A call that was expected to take so much has taken `actual`. */
  settle(expected: number, actual: number): void {
    this.#underWay -= expected;
    this.#taken += actual - expected;
    this.#level.correct(expected - actual);
  }

  /** The server has refused a call for want of this. */
  empty(): void {
    if (this.#level.value > 0) this.#level.correct(-this.#level.value);
  }

  /** What another run has learned, where this one knows nothing. It uses what there is now: this one begins with what comes in. */
  adopt({ perMinute, most }: LearnedLimit, now: number): void {
    const isPossible = Number.isFinite(perMinute) && perMinute >= 1 && most >= 1;
    if (this.known || !isPossible) return;
    this.#fill(now);
    this.#level.limit(perMinute);
    this.#level.raiseCap(most);
    this.#level.set(0);
    this.#isAdopted = true;
  }

  /** A good answer has not told it: what another run has learned is of another server. */
  notTold(): void {
    if (this.#isAdopted) this.#level.forget();
    this.#isAdopted = false;
  }

  /** What the answer to a call says. */
  learn(news: LimitNews, mark: Mark, now: number): void {
    this.#fill(now);
    this.#isAdopted = false;
    this.#correction.learn(news, mark, this.#taken, now);
  }

  /** A bucket that holds hardly more than a call takes has no room for a reserve. */
  #slack(amount: number): number {
    const { cap, ratePerMs } = this.#level;
    const isTight = cap < amount + this.#options.reserve;
    return isTight ? SLACK_MS * ratePerMs : 0;
  }

  #fill(now: number): void {
    this.#lastMinute.note(this.#taken, now);
    this.#level.fill(now);
  }
}
