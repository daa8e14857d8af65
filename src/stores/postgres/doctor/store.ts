import { messageOf } from '../../../model/errors.ts';
import { count, type Diagnosis, healthy, problem, remarkable } from '../../diagnosis.ts';
import type { Session } from '../connection/database.ts';
import { refuseNewer, type Versions } from '../migration/migration.ts';
import { bossVersion } from '../queue/boss.ts';
import { leaseEnd, namesIn, queueSchema, taskSource } from '../tables/names.ts';
import { SCHEMA_VERSION } from '../tables/schema.ts';

/** The versions of both schemas, as this orch sees them. */
export function versions(found: Versions, schema: string): Diagnosis {
  const { tables, queue } = found;
  const { release, schema: newest } = bossVersion();
  const facts = { schema, version: tables ?? null, queueVersion: queue ?? null, pgBoss: release };
  try {
    refuseNewer(found, schema);
  } catch (error) {
    return problem('schema', messageOf(error), facts);
  }
  if (tables === undefined) {
    return remarkable(
      'schema',
      `there is no store in schema ${schema} yet; \`orch add\` or \`orch db migrate\` makes one`,
      facts,
    );
  }
  if (queue === undefined && tables > 0) {
    return problem(
      'schema',
      `the tasks are in schema ${schema}, but their queue, schema ${queueSchema(schema)}, is gone; restore both from one backup`,
      facts,
    );
  }
  if (tables < SCHEMA_VERSION || (queue ?? 0) < newest) {
    return remarkable(
      'schema',
      `version ${tables}, queue ${queue ?? 0}; the next command, or \`orch db migrate\`, brings them to ${SCHEMA_VERSION} and ${newest}`,
      facts,
    );
  }
  return healthy('schema', `version ${tables}, queue ${queue} of pg-boss ${release}`, facts);
}

/** What the role may do, where it has to make or change tables. */
export async function rightsToMigrate(
  session: Session,
  schema: string,
  { tables }: Versions,
): Promise<Diagnosis> {
  const [row] = await session.query<{ role: string; database: string; may: boolean; made: number }>(
    `SELECT current_user::text AS role, current_database()::text AS database,
       has_database_privilege(current_database(), 'CREATE') AS may,
       (SELECT count(*)::int FROM pg_namespace WHERE nspname = ANY($1) AND has_schema_privilege(oid, 'CREATE')) AS made`,
    [[schema, queueSchema(schema)]],
  );
  const { role = '', database = '', may = false, made = 0 } = row ?? {};
  if (made === 2 || (may && tables === undefined))
    return healthy('rights', `${role} may make the store's tables`, { role });
  const text = `${role} may not make the store's tables; have an owner of database ${database} run \`orch db migrate\`, and then give rights to ${role} (docs/many-machines.md)`;
  return problem('rights', text, { role });
}

/** Runs, and what those that are gone have left. */
export async function runs(session: Session, schema: string): Promise<Diagnosis> {
  const names = namesIn(schema);
  const [live] = await session.query<{ runs: number; hosts: number }>(
    `SELECT count(*)::int AS runs, count(DISTINCT info->>'host')::int AS hosts
     FROM ${names.run} WHERE alive_until >= ${names.now}`,
  );
  const [left] = await session.query<{ count: number; first: string | null }>(
    `SELECT count(*)::int AS count, min(t.id) AS first FROM ${taskSource(names)}
     WHERE j.state = 'active' AND (c.job IS NULL OR ${leaseEnd('j')} <= ${names.now}
       OR NOT coalesce(r.alive_until >= ${names.now}, false))`,
  );
  const { runs: lives = 0, hosts = 0 } = live ?? {};
  const facts = { live: lives, hosts, left: left?.count ?? 0 };
  const text = lives === 0 ? 'none lives' : `${count(lives, 'run')} on ${count(hosts, 'machine')}`;
  if (!left || left.count === 0) return healthy('runs', text, facts);
  const those = `${count(left.count, 'task')} (${left.first}${left.count > 1 ? ', ...' : ''})`;
  const way = lives > 0 ? 'those that live take over' : '`orch run` takes over';
  return remarkable('runs', `${text}; ${those} left by runs that are gone: ${way}`, facts);
}
