import { OrchError } from '../../model/errors.ts';
import { connected } from './connection/connect.ts';
import type { Database, Session } from './connection/database.ts';
import type { PgDatabaseOptions } from './connection/pg-database.ts';
import { isCurrent, migrateStore, refuseNewer, versionsOf } from './migration/migration.ts';
import { startBoss } from './queue/boss.ts';
import { Queue } from './queue/queue.ts';
import { type Names, namesIn, QUEUE } from './tables/names.ts';
import { tornText } from './tables/torn.ts';

/** What a store is made of. Closing its database ends all of it. */
export interface PostgresStoreParts {
  database: Database;
  queue: Queue;
  names: Names;
}

export interface StoreOptions {
  /** Makes the store where there is none. */
  create: boolean;
  /** How the store is called in messages. */
  shown: string;
}

/** @throws as `PostgresTaskStore.connect` says */
export async function connectedParts(
  url: string,
  create: boolean,
  options: PgDatabaseOptions,
): Promise<PostgresStoreParts> {
  const { database, location } = await connected(url, options);
  try {
    return await partsIn(database, location.schema, { create, shown: location.shown });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A store in a database: its tables are made or brought up to date first. @throws `store-missing`, `store-unusable` */
export async function partsIn(
  database: Database,
  schema: string,
  { create, shown }: StoreOptions,
): Promise<PostgresStoreParts> {
  const versions = await versionsOf(database, schema);
  refuseNewer(versions, schema);
  if (versions.tables === undefined && !create) {
    throw new OrchError('store-missing', `${shown} holds no store yet; adding a task creates it`);
  }
  if (!isCurrent(versions)) await migrateStore(database, schema);
  const names = namesIn(schema);
  await refuseTorn(database, names);
  const boss = await startBoss(database, schema);
  return {
    database: closing(database, () => boss.stop({ graceful: false })),
    queue: new Queue(boss, names),
    names,
  };
}

/** Parts of two backups: what a glance tells. `orch doctor` looks at more. @throws `store-unusable` */
async function refuseTorn(session: Session, { schema, task, job }: Names): Promise<void> {
  const torn = await session.query(
    `SELECT FROM (SELECT job FROM ${task} ORDER BY seq DESC LIMIT 1) t
     WHERE NOT EXISTS (SELECT FROM ${job} j WHERE j.name = '${QUEUE}' AND j.id = t.job)`,
  );
  if (torn.length > 0) throw new OrchError('store-unusable', tornText('the last task has no job', schema));
}

function closing(database: Database, first: () => Promise<void>): Database {
  return {
    get lostAt() {
      return database.lostAt;
    },
    get aheadMs() {
      return database.aheadMs;
    },
    query: (text, values) => database.query(text, values),
    transaction: (work) => database.transaction(work),
    tick: (now) => database.tick(now),
    listen: (channel, listener) => database.listen(channel, listener),
    hurry: (ms) => database.hurry(ms),
    close: async () => {
      await first();
      await database.close();
    },
  };
}
