import { messageOf } from '../../../model/errors.ts';
import { type Diagnosis, problem } from '../../diagnosis.ts';
import type { StatFs } from '../disk/network-file-system.ts';
import { explained } from '../explained.ts';

/** A store that is looked at. */
export interface Patient {
  /** Its file, symbolic links followed. */
  path: string;
  /** How messages call it. */
  name: string;
  /** For tests. */
  statfs?: StatFs;
}

/** What was thrown while something was looked at is what was found. */
export async function thrownProblem(check: string, thrown: unknown, name: string): Promise<Diagnosis> {
  return problem(check, messageOf(await explained(thrown, name)));
}
