import { onJobs, recount, tallyTables } from './tally.ts';

/** What this orch writes. It grows with each step below. */
export const SCHEMA_VERSION = 3;

/** On which stores in this schema tell each other what has changed. */
export function channelOf(schema: string): string {
  return `orch_${schema}`;
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
    // Since when the server had been up by which a run was heard of last.
    `ALTER TABLE ${schema}.run ADD COLUMN server_since timestamptz;`,
    [tallyTables(schema), onJobs(schema), recount(schema)].join(';\n'),
  ];
}

/**
 * The statements that bring a store of this version to ours.
 * @param version undefined: there is none. @param isMade its schema is there.
 */
export function migration(schema: string, version: number | undefined, isMade: boolean): string[] {
  const begin = [
    ...(isMade ? [] : [`CREATE SCHEMA ${schema}`]),
    `CREATE TABLE ${schema}.version (version int NOT NULL)`,
    `INSERT INTO ${schema}.version VALUES (0)`,
  ];
  return [
    ...(version === undefined ? begin : []),
    ...steps(schema).slice(version ?? 0),
    `UPDATE ${schema}.version SET version = ${SCHEMA_VERSION}`,
  ];
}
