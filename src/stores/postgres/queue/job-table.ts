import { isoTime } from '../../../model/clock.ts';
import type { TaskStatus } from '../../../model/task.ts';
import type { Session } from '../connection/database.ts';
import { type Names, QUEUE } from '../tables/names.ts';

// What pg-boss does not offer is done to its table of jobs here: claims of chosen tasks, leases, places, ages, blocked jobs. docs/architecture.md says why.

/** How long a lease lasts that is neither longer nor shorter for a reason, in seconds. */
export const LEASE_S = 30;

/** Where a job is to stand, whatever its state was. */
export interface Placement {
  job: string;
  status: TaskStatus;
  priority: number;
  /** As `Date.parse` reads it. */
  startAfter: string | undefined;
}

/** The next jobs of these tasks alone, now active. @param except ids of tasks */
export async function fetchOnly(
  session: Session,
  count: number,
  only: readonly string[],
  except: readonly string[],
  { job, now }: Names,
): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `WITH next AS (
       SELECT id FROM ${job}
       WHERE name = '${QUEUE}' AND state < 'active' AND NOT blocked AND start_after <= ${now}
         AND group_id = ANY($1) AND group_id <> ALL($2)
       ORDER BY priority DESC, created_on LIMIT $3
       FOR UPDATE SKIP LOCKED
     )
     UPDATE ${job} j SET state = 'active', started_on = ${now}, heartbeat_on = ${now},
       retry_count = CASE WHEN started_on IS NULL THEN retry_count ELSE retry_count + 1 END
     FROM next WHERE j.name = '${QUEUE}' AND j.id = next.id
     RETURNING j.id`,
    [[...only], [...except], count],
  );
  return rows.map(({ id }) => id);
}

/** Says how long the leases of jobs last that were pending, where that is not what it is for all. They end with a whole second. */
export async function setFirstLease(
  session: Session,
  jobs: readonly string[],
  leaseMs: number,
  names: Names,
): Promise<void> {
  if (leaseMs !== LEASE_S * 1000) await setLease(session, jobs, leaseMs, names);
}

/** Says how long the leases of active jobs last from their last heartbeat. */
export async function setLease(
  session: Session,
  jobs: readonly string[],
  leaseMs: number,
  names: Names,
): Promise<void> {
  await session.query(
    `UPDATE ${names.job} SET heartbeat_seconds = $2
     WHERE name = '${QUEUE}' AND id = ANY($1) AND heartbeat_seconds <> $2`,
    [[...jobs], Math.ceil(leaseMs / 1000)],
  );
}

/**
 * Puts jobs where they are to stand. pg-boss' own ways back lead from one state each, take a new start time, and none leads back from `completed`. Where it lets a job fail it puts
 * another row in its place, which whoever waits for the first one's lock does not see. A job in progress stays so.
 */
export async function placeJobs(
  session: Session,
  placements: readonly Placement[],
  names: Names,
): Promise<void> {
  if (placements.length === 0) return;
  await session.query(
    `UPDATE ${names.job} j SET
       state = CASE
         WHEN x.status = 'in_progress' THEN j.state
         WHEN x.status <> 'pending' THEN x.status::${names.jobState}
         WHEN j.state < 'active' THEN j.state
         ELSE 'retry' END,
       priority = x.priority,
       start_after = coalesce(x.start_after, '-infinity'),
       completed_on = CASE WHEN x.status IN ('completed', 'failed') THEN coalesce(j.completed_on, ${names.now}) END,
       heartbeat_on = CASE WHEN x.status = 'in_progress' THEN j.heartbeat_on END,
       heartbeat_seconds = CASE WHEN x.status = 'in_progress' THEN j.heartbeat_seconds ELSE ${LEASE_S} END
     FROM unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[]) AS x (id, status, priority, start_after)
     WHERE j.name = '${QUEUE}' AND j.id = x.id`,
    [
      placements.map(({ job }) => job),
      placements.map(({ status }) => status),
      placements.map(({ priority }) => priority),
      placements.map(({ startAfter }) => startTime(startAfter) ?? null),
    ],
  );
}

// That they are among the given is said twice, here: otherwise all jobs are gone through where many came in just before, of which the planner does not know.

/** Jobs that came in together are as old as their order says, and none is older than what was there before. */
export async function ageJobs(
  session: Session,
  jobs: readonly string[],
  { counter, job, now }: Names,
): Promise<void> {
  await session.query(
    `WITH last AS (
       UPDATE ${counter} SET last_added = greatest(${now}, last_added + interval '1 microsecond') + $2 * interval '1 microsecond'
       RETURNING last_added - $2 * interval '1 microsecond' AS first
     )
     UPDATE ${job} j SET created_on = last.first + x.place * interval '1 microsecond'
     FROM last, unnest($1::uuid[]) WITH ORDINALITY AS x (id, place)
     WHERE j.name = '${QUEUE}' AND j.id = x.id AND j.id = ANY($1)`,
    [[...jobs], jobs.length],
  );
}

/**
 * Blocks the jobs of these tasks, or no longer, as the tasks stand that they come after. To be called with all of them locked: whoever
 * completes one of those others at the same time waits, or has been waited for.
 * @returns the tasks that are no longer blocked
 */
export async function blockJobs(
  session: Session,
  tasks: readonly string[],
  { job, task }: Names,
): Promise<string[]> {
  const changed = await session.query<{ id: string; blocked: boolean }>(
    `UPDATE ${job} j SET blocked = x.blocked
     FROM (
       SELECT t.job, EXISTS (
         SELECT FROM unnest(t.after) AS a (id) LEFT JOIN ${task} d ON d.id = a.id
           LEFT JOIN ${job} dj ON dj.name = '${QUEUE}' AND dj.id = d.job
         WHERE dj.state IS DISTINCT FROM 'completed'
       ) AS blocked
       FROM ${task} t WHERE t.id = ANY($1)
     ) x
     WHERE j.name = '${QUEUE}' AND j.id = x.job AND j.blocked <> x.blocked
     RETURNING j.group_id AS id, j.blocked`,
    [[...tasks]],
  );
  return changed.filter(({ blocked }) => !blocked).map(({ id }) => id);
}

/** As PostgreSQL reads it, which writes years beyond 9999 without a sign. What is long past needs none. */
export function startTime(startAfter: string | undefined): string | undefined {
  const at = startAfter === undefined ? 0 : Date.parse(startAfter);
  return at > 0 ? isoTime(at).replace(/^\+0*/, '') : undefined;
}
