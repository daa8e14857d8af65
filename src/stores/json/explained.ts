import { storeFault } from './disk/faults.ts';
import { FormatError } from './snapshot/format.ts';
import { located } from './snapshot/locate.ts';

/** @param name how messages call the store. @returns what was thrown while it was used, as a person wants it. */
export async function explained(thrown: unknown, name: string): Promise<unknown> {
  return thrown instanceof FormatError ? located(thrown, name) : storeFault('use', name, thrown);
}
