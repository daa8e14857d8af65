import type { Counts } from '../../../model/task.ts';
import type { Session } from '../connection/database.ts';
import { type Names, QUEUE } from '../tables/names.ts';

/**
 * What is blocked for good: what waits for a failed task, directly or not. Nothing here waits for a task that is gone, or in a circle; both are refused
 * by whoever writes. It is begun with the failed ones or with the blocked ones, whichever are fewer.
 * @returns how many there are, and the first ones, in the order in which they were added.
 */
export async function stuckIds(
  session: Session,
  counts: Pick<Counts, 'blocked' | 'failed'>,
  most: number,
  { task, job }: Names,
): Promise<{ count: number; ids: string[] }> {
  if (counts.blocked === 0 || counts.failed === 0) return { count: 0, ids: [] };
  const pending = (t: string, j: string) =>
    `JOIN ${job} ${j} ON ${j}.name = '${QUEUE}' AND ${j}.id = ${t}.job AND ${j}.state < 'active'`;
  const fromFailed = `SELECT t.id FROM ${job} fj JOIN ${task} f ON f.job = fj.id JOIN ${task} t ON t.after @> ARRAY[f.id] ${pending('t', 'j')}
      WHERE fj.name = '${QUEUE}' AND fj.state > 'completed'`;
  const fromBlocked = `SELECT t.id FROM ${job} j JOIN ${task} t ON t.job = j.id
      WHERE j.name = '${QUEUE}' AND j.blocked AND j.state < 'active' AND EXISTS (
        SELECT FROM ${task} f JOIN ${job} fj ON fj.name = '${QUEUE}' AND fj.id = f.job WHERE f.id = ANY(t.after) AND fj.state > 'completed')`;
  const rows = await session.query<{ id: string; count: number }>(
    `WITH RECURSIVE stuck (id) AS (
       (${counts.failed < counts.blocked ? fromFailed : fromBlocked})
       UNION SELECT t.id FROM stuck s JOIN ${task} t ON t.after @> ARRAY[s.id] ${pending('t', 'j')}
     )
     SELECT s.id, (count(*) OVER ())::int AS count FROM stuck s JOIN ${task} t ON t.id = s.id
     ORDER BY t.seq LIMIT ${Number.isFinite(most) ? Math.max(most, 1) : 'ALL'}`,
  );
  return { count: rows[0]?.count ?? 0, ids: rows.slice(0, most).map(({ id }) => id) };
}
