import { OrchError } from './errors.ts';

/** Checks of options. Each gives the value back. @throws `usage`: `Expected concurrency to be ..., got x`. */

export function requireCount(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw unexpected(name, 'a whole number of at least 1', value);
}

/** A limit that may be `Infinity`: none. */
export function requireLimit(name: string, value: number): number {
  return value === Number.POSITIVE_INFINITY ? value : requireCount(name, value);
}

/** Milliseconds. `Infinity` is a length of time too. */
export function requireMs(name: string, value: number): number {
  if (value > 0) return value;
  throw unexpected(name, 'more than 0 milliseconds', value);
}

export function unexpected(name: string, wanted: string, got: unknown): OrchError {
  return new OrchError('usage', `Expected ${name} to be ${wanted}, got ${got}`);
}
