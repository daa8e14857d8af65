import type { Diagnosis } from '../../diagnosis.ts';
import { missing } from '../disk/conflicts.ts';
import type { StatFs } from '../disk/network-file-system.ts';
import { findStore } from '../disk/store-path.ts';
import { type Patient, thrownProblem } from './diagnosis.ts';
import { examineFile, examineFit, examineJournal } from './files.ts';
import { examineLock, examinePlace, examineRuns } from './place.ts';

/**
 * Looks at a JSON store without changing anything, and without waiting for anybody.
 * @param name the file's path. @param statfs for tests.
 * @throws `store-missing`; `store-unusable`: it is no file.
 */
export async function inspectStore(name: string, statfs?: StatFs): Promise<Diagnosis[]> {
  const { path, exists } = findStore(name);
  const patient: Patient = { path, name, ...(statfs && { statfs }) };
  const journal = await examined('journal', patient, examineJournal);
  // A journal without changes is what a store leaves that was removed.
  if (!exists && journal.ok && journal.facts?.records === 0) throw missing(name);
  const file = await examined('file', patient, examineFile);
  // With one of them broken, there is nothing to be said of both.
  const fit = file.ok && journal.ok ? [await examined('fit', patient, examineFit)] : [];
  return [
    await examined('place', patient, examinePlace),
    file,
    journal,
    ...fit,
    await examined('runs', patient, examineRuns),
    await examined('lock', patient, examineLock),
  ];
}

async function examined(
  check: string,
  patient: Patient,
  examine: (patient: Patient) => Diagnosis,
): Promise<Diagnosis> {
  try {
    return examine(patient);
  } catch (error) {
    return thrownProblem(check, error, patient.name);
  }
}
