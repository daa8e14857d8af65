import { createRequire } from 'node:module';
import type { MigrationPartition, PgBoss } from 'pg-boss';
import type { Database, Session } from '../connection/database.ts';
import { QUEUE, queueSchema } from '../tables/names.ts';
import { QUEUE_OPTIONS } from './queue.ts';

/** What of pg-boss is installed here. */
export interface BossVersion {
  release: string;
  /** Of its own tables. */
  schema: number;
}

export function bossVersion(): BossVersion {
  const { version, pgboss } = createRequire(import.meta.url)('pg-boss/package.json') as {
    version: string;
    pgboss: { schema: number };
  };
  return { release: version, schema: pgboss.schema };
}

/**
 * What makes or migrates the queue's own tables, and the queue: to be done in one transaction.
 * @param version undefined: there are none. @param isMade their schema is there.
 */
export async function queueMigration(
  session: Session,
  schema: string,
  version: number | undefined,
  isMade: boolean,
): Promise<string[]> {
  const { getConstructionPlans, getMigrationPlans } = await import('pg-boss');
  const queue = queueSchema(schema);
  if (version === undefined) {
    const tables = getConstructionPlans(queue, { createSchema: !isMade });
    return [withoutTransaction(tables), await creation(schema)];
  }
  const partitionTables = await session.query<MigrationPartition>(
    `SELECT table_name AS "tableName", policy FROM ${queue}.queue WHERE partition`,
  );
  const changes = getMigrationPlans(queue, version, { partitionTables });
  return [withoutTransaction(changes), await creation(schema)];
}

/** What makes the queue, where it is not there: as pg-boss would do it. */
async function creation(schema: string): Promise<string> {
  const said: string[] = [];
  const boss = await newBoss(schema, async (text) => {
    said.push(text);
    return [];
  });
  await boss.createQueue(QUEUE, QUEUE_OPTIONS);
  return said.map(withoutTransaction).join('\n');
}

/** pg-boss' plans are transactions by themselves, and build some indexes behind them. All of it is to come about together with what is ours. */
function withoutTransaction(plan: string): string {
  return plan
    .replace(/^\s*BEGIN;\s*/, '')
    .replace(/;\s*COMMIT;/, ';')
    .replaceAll('CREATE INDEX CONCURRENTLY', 'CREATE INDEX')
    .replaceAll('CREATE UNIQUE INDEX CONCURRENTLY', 'CREATE UNIQUE INDEX')
    .replace(/;\s*;/g, ';');
}

/** pg-boss over our connection. Nothing of it runs by itself. */
export async function startBoss(database: Database, schema: string): Promise<PgBoss> {
  const boss = await newBoss(schema, (text, values) => database.query(text, values));
  await boss.start();
  return boss;
}

async function newBoss(schema: string, query: Session['query']): Promise<PgBoss> {
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    db: { executeSql: async (text, values) => ({ rows: await query(text, values) }) },
    schema: queueSchema(schema),
    migrate: false,
    supervise: false,
    schedule: false,
    queueCacheIntervalSeconds: 86_400,
  });
  // Each call tells its own caller; without a listener an event would end the process.
  boss.on('error', () => {});
  return boss;
}
