import { SCHEMA_VERSION } from '../output.ts';
import { usage } from '../values.ts';

/**
 * Whether a row is a task as `--json` prints it, so that what came of it is no mistake of whoever wrote the row.
 * @throws `usage`: of a later version.
 */
export function isListed(row: object, place: string): boolean {
  if (!('schemaVersion' in row && 'status' in row && 'history' in row)) return false;
  const { schemaVersion } = row;
  if (Number.isInteger(schemaVersion) && Number(schemaVersion) > SCHEMA_VERSION)
    throw usage(
      `${place}: schemaVersion ${schemaVersion} is of a newer orch; this one reads ${SCHEMA_VERSION}`,
    );
  return true;
}
