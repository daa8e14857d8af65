import type { PgBoss } from 'pg-boss';
import type { Database } from './database.ts';
import { QUEUE } from './names.ts';
import { QUEUE_OPTIONS } from './queue.ts';
import { queueSchema } from './schema.ts';

/** Creates or migrates the queue's own tables, and the queue; of those that come at once, one does. */
export async function installQueue(database: Database, schema: string): Promise<void> {
  const boss = await newBoss(database, schema, true);
  await boss.start();
  await boss.createQueue(QUEUE, QUEUE_OPTIONS);
  await boss.stop({ graceful: false });
}

/** pg-boss over our connection. Nothing of it runs by itself. */
export async function startBoss(database: Database, schema: string): Promise<PgBoss> {
  const boss = await newBoss(database, schema, false);
  await boss.start();
  return boss;
}

async function newBoss(database: Database, schema: string, migrate: boolean): Promise<PgBoss> {
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    db: { executeSql: async (text, values) => ({ rows: await database.query(text, values) }) },
    schema: queueSchema(schema),
    migrate,
    supervise: false,
    schedule: false,
    queueCacheIntervalSeconds: 86_400,
  });
  // Each call tells its own caller; without a listener an event would end the process.
  boss.on('error', () => {});
  return boss;
}
