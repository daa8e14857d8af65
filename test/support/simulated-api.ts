/** One limit of the simulated API: a token bucket that fills continuously. */
export interface SimulatedLimit {
  perMinute: number;
  /** Most that it holds; full at the start. */
  burst: number;
}

export interface SimulatedApiOptions {
  requests?: SimulatedLimit;
  inputTokens?: SimulatedLimit;
  outputTokens?: SimulatedLimit;
  /** Milliseconds: the median time to an answer; its logarithm has a standard deviation of 0.5. */
  latencyMs: number;
  /** Part of the accepted calls that are answered with 529. */
  overloaded?: number;
  now(): number;
  random(): number;
}

export interface SimulatedCall {
  inputTokens: number;
  outputTokens: number;
}

export interface SimulatedAnswer {
  status: 200 | 429 | 529;
  headers: Headers;
  /** Milliseconds until the answer is on its way. */
  afterMs: number;
}

/** Below 0 after an answer that was longer than what was left. */
class Bucket {
  readonly #limit: SimulatedLimit;
  readonly #now: () => number;
  #level: number;
  #filledAt: number;

  constructor(limit: SimulatedLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
    this.#level = limit.burst;
    this.#filledAt = now();
  }

  get level(): number {
    const passed = this.#now() - this.#filledAt;
    this.#filledAt += passed;
    this.#level = Math.min(this.#limit.burst, this.#level + (passed * this.#limit.perMinute) / 60_000);
    return this.#level;
  }

  get perMinute(): number {
    return this.#limit.perMinute;
  }

  take(amount: number): void {
    this.#level = this.level - amount;
  }
}

/**
 * The API's limits, as the documentation describes them: a refused call takes nothing; requests and input count when a call
 * arrives, output when it was produced, and 529s count as requests too.
 */
export class SimulatedApi {
  readonly answers = { 200: 0, 429: 0, 529: 0 };
  /** What was let through of each, the output of calls under way included. */
  readonly letThrough = { requests: 0, inputTokens: 0, outputTokens: 0 };
  readonly requests: Bucket | undefined;
  readonly inputTokens: Bucket | undefined;
  readonly outputTokens: Bucket | undefined;
  readonly #options: SimulatedApiOptions;

  constructor(options: SimulatedApiOptions) {
    const { requests, inputTokens, outputTokens, now } = options;
    this.#options = options;
    this.requests = requests && new Bucket(requests, now);
    this.inputTokens = inputTokens && new Bucket(inputTokens, now);
    this.outputTokens = outputTokens && new Bucket(outputTokens, now);
  }

  /** A call arrives. */
  handle({ inputTokens, outputTokens }: SimulatedCall): SimulatedAnswer & { ended(): void } {
    const waits = [
      missing(this.requests, 1),
      missing(this.inputTokens, inputTokens),
      missing(this.outputTokens, 1),
    ];
    const wait = Math.max(...waits);
    if (wait > 0) {
      this.answers[429] += 1;
      const headers = this.#headers();
      headers.set('retry-after', String(Math.max(1, Math.ceil(wait / 1000))));
      return { status: 429, headers, afterMs: 1, ended: () => undefined };
    }
    this.requests?.take(1);
    this.inputTokens?.take(inputTokens);
    this.letThrough.requests += 1;
    this.letThrough.inputTokens += inputTokens;
    const headers = this.#headers();
    if (this.#options.random() < (this.#options.overloaded ?? 0)) {
      this.answers[529] += 1;
      return { status: 529, headers, afterMs: 1 + this.#options.random() * 5, ended: () => undefined };
    }
    this.letThrough.outputTokens += outputTokens;
    const ended = (): void => {
      this.answers[200] += 1;
      this.outputTokens?.take(outputTokens);
    };
    return { status: 200, headers, afterMs: this.#latency(), ended };
  }

  #latency(): number {
    return this.#options.latencyMs * Math.exp(0.5 * normal(this.#options.random));
  }

  #headers(): Headers {
    const headers = new Headers();
    const tell = (name: string, bucket: Bucket | undefined, grain: number): void => {
      if (!bucket) return;
      const left = Math.max(0, Math.floor(bucket.level / grain) * grain);
      headers.set(`anthropic-ratelimit-${name}-limit`, String(bucket.perMinute));
      headers.set(`anthropic-ratelimit-${name}-remaining`, String(left));
    };
    tell('requests', this.requests, 1);
    tell('input-tokens', this.inputTokens, 1000);
    tell('output-tokens', this.outputTokens, 1000);
    return headers;
  }
}

/** Milliseconds until there is so much; one that wants more than there can be waits for a full bucket. */
function missing(bucket: Bucket | undefined, amount: number): number {
  if (!bucket) return 0;
  return Math.max(0, ((amount - bucket.level) * 60_000) / bucket.perMinute);
}

/** A number from the normal distribution. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Dice that fall the same for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
