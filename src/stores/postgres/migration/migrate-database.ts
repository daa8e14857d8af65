import { withDatabase } from '../connection/connect.ts';
import {
  asScript,
  isCurrent,
  type MigrationStep,
  migrateStore,
  planMigration,
  versionsOf,
} from './migration.ts';

/**
 * Makes the tables of a store, or brings them up to date.
 * @param dryRun nothing is changed. @returns what was done, or would be, and the same as a script for psql.
 * @throws `usage`; `store-unusable`: it cannot be reached, the role may not, or a newer orch has been there.
 */
export function migrateDatabase(
  url: string,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<{ steps: MigrationStep[]; script: string }> {
  return withDatabase(url, async (database, { schema }) => {
    const isDone = isCurrent(await versionsOf(database, schema));
    if (isDone) return { steps: [], script: '' };
    const steps = dryRun ? await planMigration(database, schema) : await migrateStore(database, schema);
    return { steps, script: asScript(steps, schema) };
  });
}
