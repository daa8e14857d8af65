import { OrchError } from '../model/errors.ts';

/** @throws `usage`: the value is not a whole number above 0. */
export function positiveInteger(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new OrchError('usage', `${name} must be a whole number above 0, not ${value}.`);
}
