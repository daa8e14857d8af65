import { OrchError } from '../../model/errors.ts';
import { installQueue, startBoss } from './boss.ts';
import type { Database } from './database.ts';
import { type Names, namesIn } from './names.ts';
import { Queue } from './queue.ts';
import { migrate, refuseNewer, SCHEMA_VERSION, schemaVersion } from './schema.ts';

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

/** A store in a database: its tables are made or brought up to date first. @throws `store-missing`, `store-unusable` */
export async function partsIn(
  database: Database,
  schema: string,
  { create, shown }: StoreOptions,
): Promise<PostgresStoreParts> {
  const version = await schemaVersion(database, schema);
  refuseNewer(version, schema);
  if (version === undefined && !create) {
    throw new OrchError('store-missing', `There is no store at ${shown}; \`orch add\` makes one`);
  }
  if (version !== SCHEMA_VERSION) {
    await installQueue(database, schema);
    await database.transaction((session) => migrate(session, schema));
  }
  const boss = await startBoss(database, schema);
  const names = namesIn(schema);
  return {
    database: closing(database, () => boss.stop({ graceful: false })),
    queue: new Queue(boss, names),
    names,
  };
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
    listen: (channel, listener) => database.listen(channel, listener),
    hurry: (ms) => database.hurry(ms),
    close: async () => {
      await first();
      await database.close();
    },
  };
}
