import type { Diagnosis } from '../../stores/json/doctor/diagnosis.ts';
import type { Context } from '../context.ts';

/** Looks at something that orch needs, changes nothing, and says how it was found. */
export type Check = (context: Context) => Promise<Diagnosis[]>;

/** In the order in which they are shown. */
export const CHECKS: Check[] = [store];

/** @throws `store-missing`; `store-unusable`: it is no file. */
async function store(context: Context): Promise<Diagnosis[]> {
  const { inspectStore } = await import('../../stores/json/doctor/doctor.ts');
  return inspectStore(context.store);
}
