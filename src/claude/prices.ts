import { undated } from './models.ts';

/** US dollars for a million tokens. */
export interface Price {
  input: number;
  output: number;
  cacheRead: number;
  /** Written to the cache for 5 minutes. */
  cacheWrite5m: number;
  /** Written to the cache for an hour. */
  cacheWrite1h: number;
  /** The price of a whole request whose prompt is longer than this many tokens, cached ones included. */
  long?: { above: number; price: Price };
}

/** Tokens by the price they have. Input tokens are the uncached ones, output tokens include thinking. */
export interface PricedTokens {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
}

function price(
  input: number,
  output: number,
  cacheRead: number,
  cacheWrite5m: number,
  cacheWrite1h: number,
): Price {
  return { input, output, cacheRead, cacheWrite5m, cacheWrite1h };
}

const OPUS = price(5, 25, 0.5, 6.25, 10);
const SONNET_5 = price(2, 10, 0.2, 2.5, 4);
const SONNET_4 = price(3, 15, 0.3, 3.75, 6);

/**
 * List prices of Anthropic's own API, as of November 2026.
 * Sources: platform.claude.com/docs, "Pricing" and "Models overview"; compared with @pydantic/genai-prices 0.1.8.
 * Inferred, not published: the 1 hour writes of Fable 5.2 and of long Haiku 5.5 prompts (twice the input price, as
 * everywhere else), and that cached tokens count toward Haiku 5.5's 100,000. Fable 5.2's cache prices are a reseller's.
 */
const LIST_PRICES: Record<string, Price> = {
  'claude-fable-5-2': price(8, 40, 0.2, 10, 16),
  'claude-fable-5-1': price(10, 50, 0.25, 12.5, 20),
  'claude-opus-5-5': price(4, 20, 0.2, 5, 8),
  'claude-opus-5': OPUS,
  'claude-opus-4-8': OPUS,
  'claude-opus-4-7': OPUS,
  'claude-opus-4-6': OPUS,
  'claude-opus-4-5': OPUS,
  'claude-sonnet-5-5': SONNET_5,
  'claude-sonnet-5': SONNET_5,
  'claude-sonnet-4-6': SONNET_4,
  'claude-sonnet-4-5': SONNET_4,
  'claude-haiku-5-5': {
    ...price(0.1, 0.5, 0.01, 0.125, 0.2),
    long: { above: 100_000, price: price(0.5, 2.5, 0.05, 0.625, 1) },
  },
  'claude-haiku-4-5': price(1, 5, 0.1, 1.25, 2),
};

/** Inference that must stay in the US costs a tenth more (platform.claude.com/docs, "Pricing", August 2026). */
export const US_ONLY = 1.1;

/** What models cost: the list prices, and what is known better. */
export class PriceTable {
  readonly #prices: ReadonlyMap<string, Price>;

  /** @param own by the name of the model; they come before the list. */
  constructor(own: Record<string, Price> = {}) {
    this.#prices = new Map([...Object.entries(LIST_PRICES), ...Object.entries(own)]);
  }

  /** Those whose price is known. */
  models(): string[] {
    return [...this.#prices.keys()];
  }

  knows(model: string): boolean {
    return this.#of(model) !== undefined;
  }

  /** What these tokens cost, in US dollars. Undefined when the model's price is not known: unknown is never 0. */
  costUsd(model: string, tokens: PricedTokens): number | undefined {
    const base = this.#of(model);
    if (!base) return undefined;
    const prompt =
      tokens.inputTokens + tokens.cacheReadTokens + tokens.cacheWrite5mTokens + tokens.cacheWrite1hTokens;
    const due = base.long && prompt > base.long.above ? base.long.price : base;
    const millionths =
      tokens.inputTokens * due.input +
      tokens.outputTokens * due.output +
      tokens.cacheReadTokens * due.cacheRead +
      tokens.cacheWrite5mTokens * due.cacheWrite5m +
      tokens.cacheWrite1hTokens * due.cacheWrite1h;
    return millionths / 1_000_000;
  }

  /** One that was named with its date, or without. */
  #of(model: string): Price | undefined {
    return this.#prices.get(model) ?? this.#prices.get(undated(model));
  }
}

/** The list prices alone. */
export const LIST = new PriceTable();
