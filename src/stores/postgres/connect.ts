import { OrchError } from '../../model/errors.ts';
import { postgresLocation } from './location.ts';
import { type PostgresStoreParts, partsIn } from './parts.ts';
import type { PgDatabaseOptions } from './pg-database.ts';

/** @throws as `PostgresTaskStore.connect` says */
export async function connectedParts(
  url: string,
  create: boolean,
  options: PgDatabaseOptions,
): Promise<PostgresStoreParts> {
  const location = postgresLocation(url);
  await requirePeers();
  const { PgDatabase } = await import('./pg-database.ts');
  const database = await PgDatabase.connect(location, options);
  try {
    return await partsIn(database, location.schema, { create, shown: location.shown });
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
