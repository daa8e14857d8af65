import { isoTime } from '../../../model/clock.ts';
import type { Lease } from '../../../model/task.ts';
import type { ClaimAnswer, ClaimRequest, NothingToClaim } from '../../../ports/task-store.ts';
import { newToken } from '../../tokens.ts';
import type { Session } from '../connection/database.ts';
import { PATIENCE_MS } from '../connection/patience.ts';
import { fetchOnly, setFirstLease } from '../queue/job-table.ts';
import type { Queue } from '../queue/queue.ts';
import type { Spared } from '../runs/grace.ts';
import { heldColumns, leaseEnd, ms, type Names, QUEUE, taskSource, withEarlier } from '../tables/names.ts';
import { type TaskRow, taskOfRow } from '../tables/rows.ts';

/** Claims that ask for the same, so that one look at the queue answers them all. */
export interface ClaimGroup {
  request: ClaimRequest;
  count: number;
}

/** What somebody else's run may have left, at most, that one claim looks at. */
const MOST_LEFT = 100;

/** A claim passes over what is locked. Whoever has the lock keeps it for as long as a transaction takes, in milliseconds. */
const PASSED_MS = 200;

/**
 * The ids of tasks in progress that nobody may hold any more: their run is gone, or their lease has ended. And how many more there are of
 * runs that are spared.
 * @param own the runs of this process: they live.
 * @param spared runs of which nothing is taken over yet.
 */
export async function endedLeases(
  session: Session,
  { request }: ClaimGroup,
  own: readonly string[],
  spared: Spared | undefined,
  names: Names,
): Promise<{ ended: string[]; sparedCount: number }> {
  const { run, only } = request;
  const rows = await session.query<{ id: string; spared: boolean }>(
    `SELECT t.id, coalesce(r.alive_until >= $3::timestamptz
       OR ($4 AND r.server_since IS DISTINCT FROM pg_postmaster_start_time() AND r.alive_until > ${names.now} - ${PATIENCE_MS} * interval '1 ms'), false) AS spared
     FROM ${taskSource(names)}
     WHERE j.state = 'active' AND j.group_id IS NOT NULL AND c.run IS DISTINCT FROM $1
       AND (c.job IS NULL OR ${leaseEnd('j')} <= ${names.now}
         OR NOT (c.run = ANY($2) OR coalesce(r.alive_until >= ${names.now}, false)))
       ${only ? `AND t.id IN (${withEarlier(names, 5)})` : ''}
     ORDER BY spared LIMIT ${MOST_LEFT}`,
    [
      run,
      own,
      spared?.since === undefined ? 'infinity' : isoTime(spared.since),
      spared?.beforeStart ?? false,
      ...(only ? [[...only]] : []),
    ],
  );
  const ended = rows.filter(({ spared }) => !spared).map(({ id }) => id);
  return { ended, sparedCount: rows.length - ended.length };
}

/** The jobs that are still held by these leases, by their tokens. They are found by their tasks, for which there is an index. */
export async function claimsOf(
  session: Session,
  leases: readonly Lease[],
  { task, claim }: Names,
  locked: '' | 'FOR UPDATE OF c' = '',
): Promise<Map<string, string>> {
  const rows = await session.query<{ token: string; job: string }>(
    `SELECT c.token, c.job FROM ${task} t JOIN ${claim} c ON c.job = t.job
     WHERE t.id = ANY($1) AND c.token = ANY($2) ${locked}`,
    [leases.map(({ taskId }) => taskId), leases.map(({ token }) => token)],
  );
  return new Map(rows.map(({ token, job }) => [token, job]));
}

/** Takes what is next, as many as are asked for or fewer. */
export async function takeNext(
  session: Session,
  { request, count }: ClaimGroup,
  now: number,
  queue: Queue,
  names: Names,
): Promise<ClaimAnswer[]> {
  const { run, leaseMs, only, except = new Set() } = request;
  const jobs = only
    ? await fetchOnly(session, count, [...only], [...except], names)
    : await queue.fetch(session, count, [...except]);
  if (jobs.length === 0) return [];
  await setFirstLease(session, jobs, leaseMs, names);
  const { claim, task, job } = names;
  const rows = await session.query<TaskRow>(
    `WITH c AS (
       INSERT INTO ${claim} (job, run, token, since)
       SELECT x.job, $2, x.token, $4 FROM unnest($1::uuid[], $3::text[]) AS x (job, token)
       RETURNING *
     )
     SELECT ${heldColumns()}
     FROM c JOIN ${task} t ON t.job = c.job JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = c.job
     ORDER BY j.priority DESC, j.created_on`,
    [jobs, run, jobs.map(() => newToken()), isoTime(now)],
  );
  return rows.map((row) => {
    const task = taskOfRow(row);
    if (!task.lease) throw new Error(`the claim of task ${task.id} is not there`);
    return { task, lease: task.lease };
  });
}

/**
 * What could make a task runnable, where none is. A task that somebody has in hand this very moment, whatever he does to it, is as good as held by him.
 * @param own the runs of this process: they live. @returns whether there is surely nothing, neither to take nor to take over
 */
export async function whyNothing(
  session: Session,
  { run, only, except = new Set() }: ClaimRequest,
  own: readonly string[],
  names: Names,
): Promise<{ isSure: boolean; why: NothingToClaim; now: number }> {
  const { job, claim, run: runTable } = names;
  const lasts = `${leaseEnd('j')} > ${names.now}`;
  const lives = `(c.run = ANY($2) OR r.alive_until >= ${names.now})`;
  const isDue = `j.start_after <= ${names.now}`;
  // A run that was heard of after its lease began may die before the grace of that is over.
  const [row] = await session.query<WhyRow>(
    `SELECT ${ms(names.now)} AS now, held.*, waiting.* FROM (
       SELECT (count(*) FILTER (WHERE ${lasts} AND c.job IS NOT NULL))::int AS held,
         (count(*) FILTER (WHERE (${lasts} AND ${lives}) IS NOT TRUE))::int AS ended,
         ${ms(`min(${leaseEnd('j')}) FILTER (WHERE ${lasts} AND c.job IS NOT NULL)`)} AS first,
         ${ms(`min(r.alive_until) FILTER (WHERE NOT ${lasts} AND r.alive_until >= ${names.now})`)} + 1 AS dies
       FROM ${job} j LEFT JOIN ${claim} c ON c.job = j.id LEFT JOIN ${runTable} r ON r.id = c.run
       WHERE j.name = '${QUEUE}' AND j.state = 'active' AND j.group_id IS NOT NULL AND c.run IS DISTINCT FROM $1
         ${only ? `AND j.group_id IN (${withEarlier(names, 4)})` : ''}
     ) held, (
       SELECT ${ms(`min(j.start_after) FILTER (WHERE NOT ${isDue})`)} AS due,
         (count(*) FILTER (WHERE ${isDue} AND j.group_id <> ALL($3)))::int AS passed
       FROM ${job} j
       WHERE j.name = '${QUEUE}' AND j.state < 'active' AND NOT j.blocked ${only ? 'AND j.group_id = ANY($4)' : ''}
     ) waiting`,
    [run, own, [...except], ...(only ? [[...only]] : [])],
  );
  const { now, held, ended, first, dies, due, passed } = row as WhyRow;
  const end = passed > 0 ? now + PASSED_MS : earliest(first, dies);
  return {
    now,
    isSure: ended === 0 && passed === 0,
    why: {
      heldByOthers: held + passed,
      ...(end !== undefined && { leaseEndsAt: isoTime(end) }),
      ...(due !== null && { dueAt: isoTime(due) }),
    },
  };
}

/** Times are milliseconds since the epoch. */
interface WhyRow {
  now: number;
  /** Tasks of others whose leases last, and when the first of those ends. */
  held: number;
  first: number | null;
  /** Tasks that nobody may hold any more; and when the first run dies whose lease has ended. */
  ended: number;
  dies: number | null;
  /** When the first is due of those that wait for their time. */
  due: number | null;
  /** Tasks that could be taken, but for somebody who has them in hand. */
  passed: number;
}

function earliest(...moments: (number | null)[]): number | undefined {
  const known = moments.filter((each) => typeof each === 'number');
  return known.length > 0 ? Math.min(...known) : undefined;
}
