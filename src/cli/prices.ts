import type { Price } from '../claude/prices.ts';
import { unexpected, usage } from './values.ts';

const KEYS = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;

/**
 * What a config file says of prices: by model, US dollars for a million tokens. What is left out is taken to be as dear as elsewhere: a read
 * from the cache as input, a write for five minutes 1.25 of it, for an hour twice.
 * @param name how errors call it. @throws `usage`
 */
export function pricesIn(given: Record<string, unknown>, name: string): Record<string, Price> {
  return Object.fromEntries(
    Object.entries(given).map(([model, value]) => [model, priceIn(value, `${name}.${model}`)]),
  );
}

function priceIn(value: unknown, name: string): Price {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unexpected(name, 'an object with `input` and `output`', value);
  }
  const found: Partial<Record<string, number>> = {};
  for (const [key, usd] of Object.entries(value)) {
    if (!KEYS.some((known) => known === key)) {
      throw usage(`${name} has the unknown key ${key}; known are ${KEYS.join(', ')}`);
    }
    if (typeof usd !== 'number' || !(usd >= 0 && usd < Number.POSITIVE_INFINITY)) {
      throw unexpected(`${name}.${key}`, 'US dollars for a million tokens', usd);
    }
    found[key] = usd;
  }
  const { input, output } = found;
  if (input === undefined || output === undefined) {
    throw unexpected(name, 'an object with `input` and `output`', value);
  }
  return { cacheRead: input, cacheWrite5m: input * 1.25, cacheWrite1h: input * 2, ...found, input, output };
}
