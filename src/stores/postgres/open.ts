import { OrchError } from '../../model/errors.ts';
import { assembleStore } from './assemble.ts';
import { postgresLocation } from './location.ts';
import type { PostgresTaskStore } from './postgres-task-store.ts';

export interface OpenPostgresOptions {
  /** Makes the store where there is none. Default: true. */
  create?: boolean;
}

/**
 * Tasks on PostgreSQL 13 or later.
 * @param url `postgres://user:password@host:5432/database`; `sslmode` as libpq has it, `schema` names where the tables lie (default `orch`).
 * @throws `usage`; `store-missing`; `store-unusable`: it cannot be reached, a newer orch has been there, or pg-boss is not installed.
 */
export async function openPostgres(
  url: string,
  { create = true }: OpenPostgresOptions = {},
): Promise<PostgresTaskStore> {
  const location = postgresLocation(url);
  await requirePeers();
  const { PgDatabase } = await import('./pg-database.ts');
  const database = await PgDatabase.connect(location);
  try {
    return await assembleStore(database, location.schema, { create, shown: location.shown });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Who keeps tasks in a file need not have them. */
async function requirePeers(): Promise<void> {
  try {
    await import('pg');
    await import('pg-boss');
  } catch (error) {
    const message =
      'A store on Postgres needs two more packages; add them with `npm install pg pg-boss@12.35`';
    throw new OrchError('store-unusable', message, { cause: error });
  }
}
