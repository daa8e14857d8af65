import { OrchError } from '../../../model/errors.ts';
import type { Database } from './database.ts';
import { type PostgresLocation, postgresLocation } from './location.ts';
import type { PgDatabaseOptions } from './pg-database.ts';

/** For what is no store's own work: looks, migrations. @throws `usage`; `store-unusable` */
export async function withDatabase<T>(
  url: string,
  use: (database: Database, location: PostgresLocation) => Promise<T>,
): Promise<T> {
  const { database, location } = await connected(url);
  try {
    return await use(database, location);
  } finally {
    await database.close();
  }
}

/** @throws `usage`; `store-unusable` */
export async function connected(
  url: string,
  options: PgDatabaseOptions = {},
): Promise<{ database: Database; location: PostgresLocation }> {
  const location = postgresLocation(url);
  await requirePeers();
  const { PgDatabase } = await import('./pg-database.ts');
  return { database: await PgDatabase.connect(location, options), location };
}

/** Who keeps tasks in a file need not have them. */
async function requirePeers(): Promise<void> {
  try {
    await import('pg');
    await import('pg-boss');
  } catch (error) {
    const message =
      'A store on Postgres needs two more packages; add them where orch is, with `npm install pg pg-boss@12.35` (and --global, if it is global)';
    throw new OrchError('store-unusable', message, { cause: error });
  }
}
