import { OrchError } from '../../../model/errors.ts';
import type { Database, Session } from '../connection/database.ts';
import { bossVersion, queueMigration } from '../queue/boss.ts';
import { queueSchema } from '../tables/names.ts';
import { channelOf, migration, SCHEMA_VERSION } from '../tables/schema.ts';
import { onJobs, recount } from '../tables/tally.ts';

/** Which versions the two schemas of a store have; undefined where one is not there. */
export interface Versions {
  tables: number | undefined;
  queue: number | undefined;
}

/** What brings one of the two schemas to the version that this orch writes. */
export interface MigrationStep {
  schema: string;
  /** Undefined: it is made. */
  from: number | undefined;
  to: number;
  sql: string[];
}

export async function versionsOf(session: Session, schema: string): Promise<Versions> {
  return {
    tables: await versionIn(session, schema),
    queue: await versionIn(session, queueSchema(schema)),
  };
}

/** The same where both are there, for one who says something else too. */
export function versionColumns(schema: string): string {
  const version = (of: string) => `(SELECT version::int FROM ${of}.version)`;
  return `${version(schema)} AS tables, ${version(queueSchema(schema))} AS queue`;
}

async function versionIn(session: Session, schema: string): Promise<number | undefined> {
  // Not by to_regclass: what a session remembers of names may be older than the lock that it has just waited for.
  const there = await session.query(
    `SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = 'version'`,
    [schema],
  );
  if (there.length === 0) return undefined;
  const [row] = await session.query<{ version: number }>(
    `SELECT version::int AS version FROM ${schema}.version`,
  );
  return row?.version;
}

export function isCurrent({ tables, queue }: Versions): boolean {
  return tables === SCHEMA_VERSION && queue === bossVersion().schema;
}

/** @throws `store-unusable` */
export function refuseNewer(versions: Versions, schema: string): void {
  const error = newerThanKnown(versions, schema);
  if (error) throw error;
}

/** Why this orch has to leave a store alone; undefined: it knows these versions. */
export function newerThanKnown({ tables, queue }: Versions, schema: string): OrchError | undefined {
  if (tables !== undefined && tables > SCHEMA_VERSION) {
    const message = `The store in schema ${schema} has version ${tables}, which a newer orch wrote; this one knows versions up to ${SCHEMA_VERSION}: install the newer orch`;
    return new OrchError('store-unusable', message);
  }
  const boss = bossVersion();
  if (queue !== undefined && queue > boss.schema) {
    const message = `The queue in schema ${queueSchema(schema)} has version ${queue}, which a newer pg-boss wrote; pg-boss ${boss.release} knows versions up to ${boss.schema}: install the orch and the pg-boss of the other machines`;
    return new OrchError('store-unusable', message);
  }
  return undefined;
}

/** What is left to be done, the queue first. Nothing where the store is up to date. @throws `store-unusable`: a newer orch has been there, or half of the store is gone. */
export async function planMigration(session: Session, schema: string): Promise<MigrationStep[]> {
  const versions = await versionsOf(session, schema);
  refuseNewer(versions, schema);
  const { tables, queue } = versions;
  if (tables === undefined) await refuseEncoding(session);
  const boss = bossVersion();
  const steps: MigrationStep[] = [];
  if (queue !== boss.schema) {
    if (queue === undefined && tables) await refuseHalf(session, schema);
    const sql = await queueMigration(session, schema, queue, await isMade(session, queueSchema(schema)));
    // What our steps put on the queue's table may be gone with it, or with another form of it.
    if (tables === SCHEMA_VERSION) sql.push(onJobs(schema), recount(schema));
    steps.push({ schema: queueSchema(schema), from: queue, to: boss.schema, sql });
  }
  if (tables !== SCHEMA_VERSION) {
    const sql = migration(schema, tables, await isMade(session, schema));
    steps.push({ schema, from: tables, to: SCHEMA_VERSION, sql });
  }
  // Older runs that are under way look at once.
  steps.at(-1)?.sql.push(`SELECT pg_notify('${channelOf(schema)}', 'schema')`);
  return steps;
}

/** Whoever may not make schemas may be given them. */
async function isMade(session: Session, schema: string): Promise<boolean> {
  const rows = await session.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  return rows.length > 0;
}

/** What lacks characters would refuse a result that was paid for. SQL_ASCII keeps the bytes as they are. */
async function refuseEncoding(session: Session): Promise<void> {
  const [row] = await session.query<{ encoding: string }>(
    "SELECT current_setting('server_encoding') AS encoding",
  );
  const encoding = row?.encoding ?? '';
  if (['UTF8', 'SQL_ASCII'].includes(encoding)) return;
  const message = `The database has the encoding ${encoding}, which lacks characters that results may have; make another one with \`createdb --template template0 --encoding UTF8\``;
  throw new OrchError('store-unusable', message);
}

/** Where tasks are left whose jobs are gone, a new queue would hold none of them. */
async function refuseHalf(session: Session, schema: string): Promise<void> {
  const tasks = await session.query(`SELECT FROM ${schema}.task LIMIT 1`);
  if (tasks.length === 0) return;
  const message = `The tasks are in schema ${schema}, but their queue, schema ${queueSchema(schema)}, is gone; restore both from one backup`;
  throw new OrchError('store-unusable', message);
}

/** Of those that come at once, one does it; whole or not at all. */
export function migrateStore(database: Database, schema: string): Promise<MigrationStep[]> {
  return database.transaction(async (session) => {
    await session.query(lockOf(schema));
    const steps = await planMigration(session, schema);
    for (const { sql } of steps) for (const statement of sql) await session.query(statement);
    return steps;
  });
}

function lockOf(schema: string): string {
  return `SELECT pg_advisory_xact_lock(hashtextextended('orch.${schema}', 0))`;
}

/** The same as a text for psql: what would be done now. */
export function asScript(steps: readonly MigrationStep[], schema: string): string {
  if (steps.length === 0) return '';
  const statements = steps.flatMap(({ schema: name, from, to, sql }) => [
    `-- ${name}: ${from === undefined ? 'made' : `version ${from}`} -> version ${to}`,
    ...sql.map((statement) => `${statement.trim().replace(/;$/, '')};`),
  ]);
  return ['BEGIN;', `${lockOf(schema)};`, ...statements, 'COMMIT;', ''].join('\n');
}
