import { OrchError } from '../../model/errors.ts';
import { installQueue, startBoss } from './boss.ts';
import type { Database } from './database.ts';
import { namesIn } from './names.ts';
import { PostgresTaskStore } from './postgres-task-store.ts';
import { Queue } from './queue.ts';
import { migrate, refuseNewer, SCHEMA_VERSION, schemaVersion } from './schema.ts';

export interface AssembleOptions {
  /** Makes the store where there is none. */
  create?: boolean | undefined;
  /** How the store is called in messages. */
  shown: string;
}

/** A store in a database: its tables are made or brought up to date first. @throws `store-missing`, `store-unusable` */
export async function assembleStore(
  database: Database,
  schema: string,
  { create = true, shown }: AssembleOptions,
): Promise<PostgresTaskStore> {
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
  const queue = new Queue(boss, names);
  return new PostgresTaskStore({
    database: {
      ...bound(database),
      close: () => boss.stop({ graceful: false }).then(() => database.close()),
    },
    queue,
    names,
  });
}

function bound(database: Database): Database {
  return {
    query: (text, values) => database.query(text, values),
    transaction: (work) => database.transaction(work),
    listen: (channel, listener) => database.listen(channel, listener),
    close: () => database.close(),
  };
}
