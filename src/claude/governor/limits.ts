import type { LearnedLimit, ModelLimits } from '../../model/learned-limits.ts';
import { Bucket, type BucketOptions } from './bucket.ts';
import type { Mark } from './correction.ts';
import type { Amounts } from './estimates.ts';
import type { LimitsNews } from './limit-headers.ts';
import { LIMIT_NAMES, type LimitName } from './limit-names.ts';
import type { LimitState } from './state.ts';

/** How the buckets stood when a call was sent. */
export type Marks = Record<LimitName, Mark>;

/** The bucket for which a call waits, and for how many milliseconds. */
interface Shortage {
  limit: LimitName;
  ms: number;
}

/** Grains: the API tells tokens in thousands. Output counts as it is produced (platform.claude.com/docs, "Rate limits"). */
const BUCKETS: Record<LimitName, BucketOptions> = {
  requests: { grain: 1, reserve: 0.5, taken: 'at arrival' },
  inputTokens: { grain: 1_000, reserve: 0, taken: 'at arrival' },
  outputTokens: { grain: 1_000, reserve: 0, taken: 'by and by' },
};

/** The three limits of a model, each in a bucket of its own. Times are milliseconds of one steady clock. */
export class Limits {
  readonly #buckets: Record<LimitName, Bucket>;

  /** @param runs how many draw on the limits, this one included. */
  constructor(runs: () => number) {
    this.#buckets = {
      requests: new Bucket(BUCKETS.requests, runs),
      inputTokens: new Bucket(BUCKETS.inputTokens, runs),
      outputTokens: new Bucket(BUCKETS.outputTokens, runs),
    };
  }

  /** Whether any limit was told yet. */
  get known(): boolean {
    return LIMIT_NAMES.some((name) => this.#buckets[name].known);
  }

  /** What others may be told. */
  get learned(): ModelLimits {
    const all: Record<string, LearnedLimit> = {};
    for (const name of LIMIT_NAMES) {
      const { learned } = this.#buckets[name];
      if (learned) all[name] = learned;
    }
    return all;
  }

  /** What another run has learned, where nothing is known. */
  adopt(learned: ModelLimits, now: number): void {
    for (const name of LIMIT_NAMES) {
      const limit = learned[name];
      if (limit) this.#buckets[name].adopt(limit, now);
    }
  }

  /** A good answer tells all limits that there are. */
  confirmedBy(news: LimitsNews): void {
    for (const name of LIMIT_NAMES) if (!news[name]) this.#buckets[name].notTold();
  }

  /** How those that are known are used. */
  state(now: number): Partial<Record<LimitName, LimitState>> {
    const states: Partial<Record<LimitName, LimitState>> = {};
    for (const name of LIMIT_NAMES) {
      const state = this.#buckets[name].state(now);
      if (state) states[name] = state;
    }
    return states;
  }

  /** The limit that a call has to wait for longest; undefined: for none. */
  shortage(amounts: Amounts, now: number): Shortage | undefined {
    let longest: Shortage | undefined;
    for (const limit of LIMIT_NAMES) {
      const ms = this.#buckets[limit].wait(amounts[limit], now);
      if (ms > (longest?.ms ?? 0)) longest = { limit, ms };
    }
    return longest;
  }

  /** A call has its turn. */
  reserve(amounts: Amounts): void {
    for (const name of LIMIT_NAMES) this.#buckets[name].reserve(amounts[name]);
  }

  /** It is not sent after all. */
  release(amounts: Amounts): void {
    for (const name of LIMIT_NAMES) this.#buckets[name].release(amounts[name]);
  }

  /** It is sent. */
  take(amounts: Amounts, now: number): Marks {
    this.release(amounts);
    const mark = (name: LimitName): Mark => this.#buckets[name].take(amounts[name], now);
    return {
      requests: mark('requests'),
      inputTokens: mark('inputTokens'),
      outputTokens: mark('outputTokens'),
    };
  }

  /** What it really took is known. */
  settle(amounts: Amounts, actual: Amounts): void {
    for (const name of LIMIT_NAMES) this.#buckets[name].settle(amounts[name], actual[name]);
  }

  learn(news: LimitsNews, marks: Marks, now: number): void {
    for (const name of LIMIT_NAMES) {
      const told = news[name];
      if (told) this.#buckets[name].learn(told, marks[name], now);
    }
  }

  /** A call was refused with 429, for want of what the answer says is not left. That it has taken nothing is for `settle` to say. */
  refused(news: LimitsNews, amounts: Amounts): void {
    for (const name of LIMIT_NAMES) {
      const left = news[name]?.left;
      if (left !== undefined && left < amounts[name]) this.#buckets[name].empty();
    }
  }
}
