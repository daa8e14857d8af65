import { createHash } from 'node:crypto';
import type { Session } from '../connection/database.ts';
import { QUEUE, queueSchema } from '../tables/names.ts';

/** As pg-boss calls the part of its table that a queue has for itself. */
const jobTable = `j${createHash('sha224').update(QUEUE).digest('hex')}`;

/** What a role needs to run tasks, by the names of tables; docs/many-machines.md says the same as GRANTs. Functions may be called by all. */
const CHANGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;

interface RightsRow {
  role: string;
  missing: string[];
}

/** What the role that we are lacks to run tasks, as `INSERT on orch.task`; schemas first, since nothing else can be seen without them. */
export async function missingRights(
  session: Session,
  schema: string,
): Promise<{ role: string; missing: string[] }> {
  const schemas = [schema, queueSchema(schema)];
  const [usage] = await session.query<RightsRow>(
    `SELECT current_user::text AS role,
       coalesce(array_agg(n.nspname::text ORDER BY 1) FILTER (WHERE NOT has_schema_privilege(n.oid, 'USAGE')), '{}') AS missing
     FROM pg_namespace n WHERE n.nspname = ANY($1)`,
    [schemas],
  );
  const { role, missing } = usage ?? { role: '', missing: [] };
  if (missing.length > 0) return { role, missing: missing.map((name) => `USAGE on schema ${name}`) };
  const [tables] = await session.query<{ missing: string[] }>(
    `SELECT coalesce(array_agg(p.name || ' on ' || n.nspname || '.' || c.relname ORDER BY n.nspname, c.relname, p.place), '{}') AS missing
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       CROSS JOIN unnest($2::text[]) WITH ORDINALITY AS p (name, place)
     WHERE n.nspname = ANY($1::text[]) AND c.relkind IN ('r', 'p')
       AND NOT has_table_privilege(c.oid, p.name)
       AND (p.name = 'SELECT' OR ${isChanged('n', 'c')})`,
    [schemas, [...CHANGES]],
  );
  return { role, missing: tables?.missing ?? [] };
}

/** Versions change with a migration alone; of the queue's tables, only that of the jobs and orch's part of it are changed. */
function isChanged(namespace: string, table: string): string {
  return `${table}.relname <> 'version' AND (${namespace}.nspname = ($1::text[])[1] OR ${table}.relname IN ('job', '${jobTable}'))`;
}
