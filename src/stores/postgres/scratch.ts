import { OrchError } from '../../model/errors.ts';
import { withDatabase } from './connection/connect.ts';
import type { Database } from './connection/database.ts';
import { withParameters } from './connection/location.ts';
import { queueSchema } from './tables/names.ts';

/** How often connections that end are looked for, and seconds between two times. */
const MOST_TRIES = 200;
const PAUSE_S = 0.05;

/**
 * The URL of a store of its own in the database of another one.
 * @param name what its connections are called. @throws `usage`
 */
export function scratchUrl(store: string, schema: string, name: string): string {
  return withParameters(store, { schema, application_name: name });
}

/** @throws `store-unusable`: the database cannot be reached, or its role may make no schema in it. */
export function requireRoom(store: string): Promise<void> {
  return withDatabase(store, async (database, { user, database: name }) => {
    const [row] = await database.query<{ may: boolean }>(
      `SELECT has_database_privilege(current_database(), 'CREATE') AS may`,
    );
    if (row?.may) return;
    const message = `${user} may make no schema in the database ${name}; grant it CREATE on that, or name a database where it may`;
    throw new OrchError('store-unusable', message);
  });
}

/**
 * Removes a scratch store with all that is in it, where it is there. What a process has left on its way, that was killed, comes to nothing first:
 * the server would still make the store that it was told to make.
 * @throws `store-unusable`
 */
export function dropStore(url: string): Promise<void> {
  return withDatabase(url, async (database, { schema, applicationName }) => {
    for (let tries = 0; tries < MOST_TRIES && (await endAll(database, applicationName)); tries++)
      await database.query(`SELECT pg_sleep(${PAUSE_S})`);
    await database.query(`DROP SCHEMA IF EXISTS ${schema}, ${queueSchema(schema)} CASCADE`);
  });
}

/** Ends all connections of the same login whose name begins so, its own excepted: as if the server had lost them. @throws `store-unusable` */
export function endConnections(url: string, name: string): Promise<void> {
  return withDatabase(url, async (database) => {
    await endAll(database, name);
  });
}

/** @returns whether there were any. */
async function endAll(database: Database, name: string): Promise<boolean> {
  // They are those of whoever logged in, and so is the right to end them; another role may be set for it.
  await database.query('SET ROLE NONE');
  const ended = await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE usename = session_user AND starts_with(application_name, $1) AND pid <> pg_backend_pid()`,
    [name],
  );
  await database.query('RESET ROLE');
  return ended.length > 0;
}
