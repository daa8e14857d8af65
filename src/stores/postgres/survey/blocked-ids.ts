import type { Counts } from '../../../model/task.ts';
import type { Session } from '../connection/database.ts';
import { type Names, QUEUE } from '../tables/names.ts';

export interface BlockedIds {
  /** How many are blocked for good. */
  stuckCount: number;
  /** The first of those, in the order in which they were added. */
  stuck: string[];
  /** The first of the other blocked ones, likewise. */
  hopeful: string[];
}

/**
 * What is blocked for good: what waits for a failed task, directly or not. Nothing here waits for a task that is gone, or in a circle; both are refused
 * by whoever writes. It is begun with the failed ones or with the blocked ones, whichever are fewer.
 */
export async function blockedIds(
  session: Session,
  counts: Pick<Counts, 'blocked' | 'failed'>,
  most: number,
  { task, job }: Names,
): Promise<BlockedIds> {
  if (counts.blocked === 0) return { stuckCount: 0, stuck: [], hopeful: [] };
  const isBlocked = (j: string) => `${j}.name = '${QUEUE}' AND ${j}.blocked AND ${j}.state < 'active'`;
  const pending = (t: string, j: string) =>
    `JOIN ${job} ${j} ON ${j}.name = '${QUEUE}' AND ${j}.id = ${t}.job AND ${j}.state < 'active'`;
  const fromFailed = `SELECT t.id FROM ${job} fj JOIN ${task} f ON f.job = fj.id JOIN ${task} t ON t.after @> ARRAY[f.id] ${pending('t', 'j')}
      WHERE fj.name = '${QUEUE}' AND fj.state > 'completed'`;
  const fromBlocked = `SELECT t.id FROM ${job} j JOIN ${task} t ON t.job = j.id
      WHERE ${isBlocked('j')} AND EXISTS (
        SELECT FROM ${task} f JOIN ${job} fj ON fj.name = '${QUEUE}' AND fj.id = f.job WHERE f.id = ANY(t.after) AND fj.state > 'completed')`;
  const upTo = (number: number, more = '') => (Number.isFinite(number) ? `LIMIT ${number}${more}` : '');
  // Of the first so many, and as many more as are stuck, enough are not: the others need not be read.
  const rows = await session.query<{ id: string; count: number; hopeful: boolean }>(
    `WITH RECURSIVE stuck (id) AS (
       (${counts.failed < counts.blocked ? fromFailed : fromBlocked})
       UNION SELECT t.id FROM stuck s JOIN ${task} t ON t.after @> ARRAY[s.id] ${pending('t', 'j')}
     ), early AS (
       SELECT j.id AS job FROM ${job} j WHERE ${isBlocked('j')} ORDER BY j.created_on ${upTo(most, ' + (SELECT count(*) FROM stuck)')}
     )
     (SELECT s.id, (count(*) OVER ())::int AS count, false AS hopeful FROM stuck s JOIN ${task} t ON t.id = s.id
      ORDER BY t.seq ${upTo(Math.max(most, 1))})
     UNION ALL
     (SELECT t.id, 0, true FROM early e JOIN ${task} t ON t.job = e.job
      WHERE NOT EXISTS (SELECT FROM stuck s WHERE s.id = t.id) ORDER BY t.seq ${upTo(most)})`,
  );
  const [stuck, hopeful] = [rows.filter((row) => !row.hopeful), rows.filter((row) => row.hopeful)];
  return {
    stuckCount: stuck[0]?.count ?? 0,
    stuck: stuck.slice(0, most).map(({ id }) => id),
    hopeful: hopeful.map(({ id }) => id),
  };
}
