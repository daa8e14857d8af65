import { OrchError } from '../../model/errors.ts';
import type { Session } from './database.ts';

/** What this orch writes. It grows with each step below. */
export const SCHEMA_VERSION = 1;

/** The queue's own tables lie in a schema beside ours. */
export function queueSchema(schema: string): string {
  return `${schema}_queue`;
}

/** What brings our tables from each version to the next. Each step is kept as it is: databases have been through it. */
function steps(schema: string): string[] {
  return [
    `
    CREATE FUNCTION ${schema}.now() RETURNS timestamptz LANGUAGE sql STABLE AS
      $$ SELECT coalesce(nullif(current_setting('orch.now', true), '')::timestamptz, pg_catalog.now()) $$;
    CREATE TABLE ${schema}.task (
      id text PRIMARY KEY,
      seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      job uuid NOT NULL UNIQUE,
      after text[],
      body json NOT NULL
    );
    CREATE INDEX task_after ON ${schema}.task USING gin (after) WHERE after IS NOT NULL;
    CREATE TABLE ${schema}.claim (
      job uuid PRIMARY KEY,
      run text NOT NULL,
      token text NOT NULL,
      since timestamptz NOT NULL
    );
    CREATE TABLE ${schema}.run (
      id text PRIMARY KEY,
      seq bigint GENERATED ALWAYS AS IDENTITY,
      info json NOT NULL,
      note json NOT NULL DEFAULT '{}',
      command text,
      number int NOT NULL DEFAULT 0,
      alive_until timestamptz NOT NULL
    );
    CREATE TABLE ${schema}.counter (next_id bigint NOT NULL, last_added timestamptz NOT NULL);
    INSERT INTO ${schema}.counter VALUES (1, '-infinity');
    CREATE TABLE ${schema}.mark (
      session uuid PRIMARY KEY,
      number int NOT NULL,
      closed int CHECK (number = closed),
      at timestamptz NOT NULL
    );
    CREATE TABLE ${schema}.fact (name text PRIMARY KEY, value json);
    INSERT INTO ${schema}.fact VALUES ('ledger', '{}'), ('last-stop', NULL);
    `,
  ];
}

/** @returns undefined where there is no store. */
export async function schemaVersion(session: Session, schema: string): Promise<number | undefined> {
  const [there] = await session.query<{ is: string | null }>('SELECT to_regclass($1) AS is', [
    `${schema}.version`,
  ]);
  if (!there?.is) return undefined;
  const [row] = await session.query<{ version: number }>(`SELECT version FROM ${schema}.version`);
  return row?.version;
}

/** The statements that bring a store of this version to ours. @param version undefined: there is none. */
export function migration(schema: string, version: number | undefined): string[] {
  const from = version ?? 0;
  const begin = [
    `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    `CREATE TABLE ${schema}.version (version int NOT NULL)`,
    `INSERT INTO ${schema}.version VALUES (0)`,
  ];
  return [
    ...(version === undefined ? begin : []),
    ...steps(schema).slice(from),
    `UPDATE ${schema}.version SET version = ${SCHEMA_VERSION}`,
  ];
}

/** Creates or migrates our tables; of those that come at once, one does. To be called in a transaction. @throws `store-unusable` where a newer orch has been there. */
export async function migrate(session: Session, schema: string): Promise<void> {
  await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`orch.${schema}`]);
  const version = await schemaVersion(session, schema);
  refuseNewer(version, schema);
  if (version === SCHEMA_VERSION) return;
  for (const statement of migration(schema, version)) await session.query(statement);
}

/** @throws `store-unusable` */
export function refuseNewer(version: number | undefined, schema: string): void {
  if (version === undefined || version <= SCHEMA_VERSION) return;
  const message = `The store in schema ${schema} has version ${version}, which a newer orch wrote; this one knows versions up to ${SCHEMA_VERSION}: install the newer orch`;
  throw new OrchError('store-unusable', message);
}
