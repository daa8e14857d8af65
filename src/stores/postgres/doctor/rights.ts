import type { Session } from '../connection/database.ts';
import { namesIn, queueSchema } from '../tables/names.ts';

const ALL = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** What a role needs to run tasks, by the names of tables; docs/many-machines.md says the same as GRANTs. Functions may be called by all. */
function needed(schema: string): [table: string, rights: string[]][] {
  const { task, claim, run, mark, counter, fact, tally, work, job } = namesIn(schema);
  const queue = queueSchema(schema);
  return [
    [task, ALL],
    [claim, ALL],
    [run, ALL],
    [mark, ALL],
    [counter, ['SELECT', 'UPDATE']],
    [fact, ['SELECT', 'UPDATE']],
    [tally, ALL],
    [work, ['SELECT', 'INSERT', 'UPDATE']],
    [`${schema}.version`, ['SELECT']],
    [job, ALL],
    [`${queue}.queue`, ['SELECT']],
    [`${queue}.version`, ['SELECT']],
  ];
}

interface RightsRow {
  role: string;
  missing: string[];
}

/** What the role that we are lacks to run tasks, as `INSERT on orch.task`; schemas first, since nothing else can be seen without them. */
export async function missingRights(
  session: Session,
  schema: string,
): Promise<{ role: string; missing: string[] }> {
  const [usage] = await session.query<RightsRow>(
    `SELECT current_user::text AS role,
       coalesce(array_agg(n.nspname::text ORDER BY 1) FILTER (WHERE NOT has_schema_privilege(n.oid, 'USAGE')), '{}') AS missing
     FROM pg_namespace n WHERE n.nspname = ANY($1)`,
    [[schema, queueSchema(schema)]],
  );
  const { role, missing } = usage ?? { role: '', missing: [] };
  if (missing.length > 0) return { role, missing: missing.map((name) => `USAGE on schema ${name}`) };
  const each = needed(schema).flatMap(([table, rights]) => rights.map((right) => ({ table, right })));
  // A table that is not there yet is none that it lacks rights on.
  const [tables] = await session.query<{ missing: string[] }>(
    `SELECT coalesce(array_agg(n.right || ' on ' || n.table ORDER BY n.place), '{}') AS missing
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n ("table", "right", place)
     WHERE NOT has_table_privilege(to_regclass(n.table), n.right)`,
    [each.map(({ table }) => table), each.map(({ right }) => right)],
  );
  return { role, missing: tables?.missing ?? [] };
}
