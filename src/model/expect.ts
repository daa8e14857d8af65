import { OrchError } from './errors.ts';

/** Checks of options. Each gives the value back. @throws `usage`: `Expected concurrency to be ..., got x`. */

export function requireCount(name: string, value: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  const wanted = most === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${most}`;
  throw unexpected(name, `a whole number ${wanted}`, value);
}

export function requireText(name: string, value: string): string {
  if (value.trim() !== '') return value;
  throw unexpected(name, 'a text', 'a blank one');
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
