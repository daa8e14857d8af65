import { type Names, namesIn, QUEUE } from './names.ts';

// Sums over all tasks, which the database keeps as it keeps an index: nobody has to read all tasks to say how many there are. Each connection adds to a
// row of its own, so that none waits for another one; what there is, is their sum.

/** Of the jobs, by their state: kept by triggers, whoever changes a job. */
const STATES = {
  pending: `state < 'active'`,
  in_progress: `state = 'active'`,
  completed: `state = 'completed'`,
  failed: `state > 'completed'`,
  blocked: `blocked AND state < 'active'`,
};

/** Of the texts of tasks: kept by whoever writes these, in `write-tally.ts`. */
export const SUMS = [
  'unverified',
  'retried',
  'used',
  'unpriced',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cost_usd',
  'possible_usd',
] as const;

const COUNTS = Object.keys(STATES) as (keyof typeof STATES)[];

export type TallyColumn = keyof typeof STATES | (typeof SUMS)[number];

/** All of it; as numbers of JavaScript. */
export function tallySums(): string {
  const largest = Number.MAX_VALUE;
  return [...COUNTS, ...SUMS]
    .map((each) => `least(coalesce(sum(${each}), 0), ${largest}::numeric)::float8 AS ${each}`)
    .join(', ');
}

/** The same of what the jobs say themselves. */
export function tallyOfJobs(): string {
  return COUNTS.map((each) => `(count(*) FILTER (WHERE ${STATES[each]}))::float8 AS ${each}`).join(', ');
}

/** Adds to the row of this connection. @param values a statement that gives those columns */
export function addToTally({ tally }: Names, columns: readonly TallyColumn[], values: string): string {
  return `INSERT INTO ${tally} AS t (backend, ${columns.join(', ')}) SELECT pg_backend_pid(), s.* FROM (${values}) s
    ON CONFLICT (backend) DO UPDATE SET ${columns.map((each) => `${each} = t.${each} + excluded.${each}`).join(', ')}`;
}

/** Puts the rows of connections that are gone together. To be done by one at a time. */
export function foldTally({ tally }: Names): string {
  const all = [...COUNTS, ...SUMS];
  return `WITH gone AS (
      DELETE FROM ${tally} WHERE backend <> 0 AND backend <> pg_backend_pid()
        AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = backend)
      RETURNING *
    )
    INSERT INTO ${tally} AS t (backend, ${all.join(', ')})
    SELECT 0, ${all.map((each) => `sum(${each})`).join(', ')} FROM gone HAVING count(*) > 0
    ON CONFLICT (backend) DO UPDATE SET ${all.map((each) => `${each} = t.${each} + excluded.${each}`).join(', ')}`;
}

export function tallyTables(schema: string): string {
  return `
    CREATE TABLE ${schema}.tally (
      backend int PRIMARY KEY,
      ${COUNTS.map((each) => `${each} bigint NOT NULL DEFAULT 0`).join(', ')},
      ${SUMS.map((each) => `${each} numeric NOT NULL DEFAULT 0`).join(', ')}
    ) WITH (fillfactor = 50);
    CREATE TABLE ${schema}.work (
      run text REFERENCES ${schema}.run ON DELETE CASCADE,
      minute bigint,
      completed int NOT NULL,
      failed int NOT NULL,
      retried int NOT NULL,
      PRIMARY KEY (run, minute)
    ) WITH (fillfactor = 50);`;
}

/** What lies on the queue's own table: to be made again where that is. */
export function onJobs(schema: string): string {
  const names = namesIn(schema);
  const { job } = names;
  const of = (table: string, n: number) =>
    `SELECT ${n} AS n, state, blocked FROM ${table} WHERE name = '${QUEUE}'`;
  const [fresh, gone] = [of('fresh', 1), of('gone', -1)];
  return [
    counting('insert', 'NEW TABLE AS fresh', fresh, names),
    counting('delete', 'OLD TABLE AS gone', gone, names),
    counting('update', 'OLD TABLE AS gone NEW TABLE AS fresh', `${fresh} UNION ALL ${gone}`, names),
    // What a survey names first.
    `CREATE INDEX IF NOT EXISTS orch_failed ON ${job} (created_on) WHERE state > 'completed'`,
    `CREATE INDEX IF NOT EXISTS orch_blocked ON ${job} (created_on) WHERE blocked AND state < 'active'`,
    // Whoever is due at once starts no later than he was added.
    `CREATE INDEX IF NOT EXISTS orch_later ON ${job} (start_after) WHERE ${LATER}`,
    `CREATE INDEX IF NOT EXISTS orch_ended ON ${job} (completed_on) WHERE state >= 'completed'`,
  ].join(';\n');
}

/** Of jobs that were due later when they were added. */
export const LATER = `state < 'active' AND NOT blocked AND start_after > created_on`;

function counting(event: string, tables: string, changes: string, names: Names): string {
  const { schema, job, allJobs } = names;
  const sums = COUNTS.map((each) => `coalesce(sum(n) FILTER (WHERE ${STATES[each]}), 0) AS ${each}`);
  const counted = `SELECT * FROM (SELECT ${sums.join(', ')} FROM (${changes}) c) d
      WHERE ${COUNTS.map((each) => `${each} <> 0`).join(' OR ')}`;
  // Whichever of the two is named in a statement.
  const trigger = (table: string) => `DROP TRIGGER IF EXISTS orch_count_${event} ON ${table};
    CREATE TRIGGER orch_count_${event} AFTER ${event.toUpperCase()} ON ${table}
      REFERENCING ${tables} FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.count_${event}()`;
  return `CREATE OR REPLACE FUNCTION ${schema}.count_${event}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${addToTally(names, COUNTS, counted)};
      RETURN NULL;
    END $$;
    ${[job, allJobs].map(trigger).join(';\n    ')}`;
}

/** Counts anew what is there. Nobody may change it meanwhile. */
export function recount(schema: string): string {
  const { task, job, tally } = namesIn(schema);
  const number = (name: string, as: string) => `coalesce(sum((u->>'${name}')::numeric), 0) AS ${as}`;
  return `
    DELETE FROM ${tally};
    INSERT INTO ${tally} (backend, ${[...COUNTS, ...SUMS].join(', ')})
    SELECT 0, ${COUNTS.map((each) => `count(*) FILTER (WHERE ${STATES[each]})`).join(', ')},
      count(*) FILTER (WHERE state = 'completed' AND (body->>'verified') IS DISTINCT FROM 'true'),
      count(*) FILTER (WHERE is_retried), count(*) FILTER (WHERE is_used), count(*) FILTER (WHERE is_used AND is_unpriced),
      ${SUMS.slice(4)
        .map((each) => `coalesce(sum(${each}), 0)`)
        .join(', ')}
    FROM (SELECT j.state, j.blocked, ${readable('t.body')} AS body FROM ${job} j JOIN ${task} t ON t.job = j.id WHERE j.name = '${QUEUE}') b
      LEFT JOIN LATERAL (SELECT body->'history'->-1 AS last) l ON true
      LEFT JOIN LATERAL (
        SELECT count(*) > 0 AS is_used, bool_or(u->>'costUsd' IS NULL) AS is_unpriced,
          ${number('inputTokens', 'input_tokens')}, ${number('outputTokens', 'output_tokens')},
          ${number('cacheReadTokens', 'cache_read_tokens')}, ${number('cacheWriteTokens', 'cache_write_tokens')},
          ${number('costUsd', 'cost_usd')}, ${number('possibleUsd', 'possible_usd')}
        FROM (VALUES (body->'usage'), (CASE WHEN last->'outcome' IS NULL AND last->'output' IS NOT NULL THEN last->'usage' END)) v (u)
        WHERE u IS NOT NULL
      ) u ON true
      LEFT JOIN LATERAL (
        SELECT count(*) > 0 AS is_retried FROM json_array_elements(body->'history') WITH ORDINALITY AS h (attempt, place)
        WHERE attempt->>'outcome' IN ('rejected', 'failed')
          AND NOT (state > 'completed' AND place = json_array_length(body->'history'))
      ) r ON true`;
}

/** JSON without what PostgreSQL refuses to take out of it: the character 0, and half a character, which was cut in the middle. */
function readable(json: string): string {
  return `regexp_replace(${json}::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\u0001', 'gi')::json`;
}
