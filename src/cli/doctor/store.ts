import { isOrchError, messageOf } from '../../model/errors.ts';
import type { Diagnosis } from '../../stores/diagnosis.ts';
import { isPostgres } from '../../stores/postgres/connection/location.ts';
import { type Context, hint } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type Finding, remarkable, wrong } from './finding.ts';

/** The place of the store, and the store itself where there is one. */
export async function store(context: Context): Promise<Finding[]> {
  if (isPostgres(context.store)) return database(context.store);
  const { inspectStore } = await import('../../stores/json/doctor/doctor.ts');
  const { probePlace } = await import('../../stores/json/doctor/probe.ts');
  try {
    const found = await inspected(context, inspectStore);
    // Nothing is tried where it is known already that nothing can be written.
    if (found.some(({ check, ok }) => check === 'place' && !ok)) return found;
    return [...(await probePlace(context.store)).map(ofStore), ...found];
  } catch (error) {
    return [wrong('file', messageOf(error), EXIT.store)];
  }
}

async function database(store: string): Promise<Finding[]> {
  const { inspectPostgres } = await import('../../stores/postgres/doctor/doctor.ts');
  try {
    return (await inspectPostgres(store)).map(ofStore);
  } catch (error) {
    return [wrong('store', messageOf(error), isOrchError(error, 'usage') ? EXIT.usage : EXIT.store)];
  }
}

async function inspected(
  context: Context,
  inspect: (name: string) => Promise<Diagnosis[]>,
): Promise<Finding[]> {
  try {
    return (await inspect(context.store)).map(ofStore);
  } catch (error) {
    if (!isOrchError(error, 'store-missing')) throw error;
    return [remarkable('file', `${context.store} does not exist yet; ${hint(context, 'add')} creates it`)];
  }
}

function ofStore(diagnosis: Diagnosis): Finding {
  return { ...diagnosis, exit: diagnosis.ok ? EXIT.ok : EXIT.store };
}
