import type { Counts } from '../../../model/task.ts';
import type { Session } from '../connection/database.ts';
import { type Names, QUEUE } from '../tables/names.ts';
import { limitOf } from './limit-of.ts';

export interface BlockedIds {
  /** How many are blocked for good. */
  stuckCount: number;
  /** The first of those, in the order in which they were added. */
  stuck: string[];
  /** The first of the other blocked ones, likewise. */
  hopeful: string[];
}

/** @param most so many of each kind are given. */
export async function blockedIds(
  session: Session,
  counts: Pick<Counts, 'blocked' | 'failed'>,
  most: number,
  names: Names,
): Promise<BlockedIds> {
  if (counts.blocked === 0) return { stuckCount: 0, stuck: [], hopeful: [] };
  const allStuck = counts.failed === 0 ? undefined : stuckQuery(counts, names);
  const { count: stuckCount, ids: stuck } = allStuck
    ? await stuckIds(session, allStuck, most, names)
    : { count: 0, ids: [] };
  const hasOthers = most > 0 && counts.blocked > stuckCount;
  const besides = stuckCount === 0 ? undefined : allStuck;
  const hopeful = hasOthers ? await otherIds(session, besides, stuckCount, most, names) : [];
  return { stuckCount, stuck, hopeful };
}

/**
 * What is blocked for good, as a table `stuck` of ids: what waits for a failed task, directly or not. Nothing here waits for a task that is gone, or
 * in a circle; both are refused by whoever writes. It is begun with the failed ones or with the blocked ones, whichever are fewer.
 */
function stuckQuery(counts: Pick<Counts, 'blocked' | 'failed'>, { task, job }: Names): string {
  const pending = (t: string, j: string) =>
    `JOIN ${job} ${j} ON ${j}.name = '${QUEUE}' AND ${j}.id = ${t}.job AND ${j}.state < 'active'`;
  const fromFailed = `SELECT t.id FROM ${job} fj JOIN ${task} f ON f.job = fj.id JOIN ${task} t ON t.after @> ARRAY[f.id] ${pending('t', 'j')}
      WHERE fj.name = '${QUEUE}' AND fj.state > 'completed'`;
  const fromBlocked = `SELECT t.id FROM ${job} j JOIN ${task} t ON t.job = j.id
      WHERE j.name = '${QUEUE}' AND j.blocked AND j.state < 'active' AND EXISTS (
        SELECT FROM ${task} f JOIN ${job} fj ON fj.name = '${QUEUE}' AND fj.id = f.job WHERE f.id = ANY(t.after) AND fj.state > 'completed')`;
  return `WITH RECURSIVE stuck (id) AS (
       (${counts.failed < counts.blocked ? fromFailed : fromBlocked})
       UNION SELECT t.id FROM stuck s JOIN ${task} t ON t.after @> ARRAY[s.id] ${pending('t', 'j')}
     )`;
}

async function stuckIds(
  session: Session,
  allStuck: string,
  most: number,
  { task }: Names,
): Promise<{ count: number; ids: string[] }> {
  const rows = await session.query<{ id: string; count: number }>(
    `${allStuck} SELECT s.id, (count(*) OVER ())::int AS count FROM stuck s JOIN ${task} t ON t.id = s.id
     ORDER BY t.seq ${limitOf(Math.max(most, 1))}`,
  );
  return { count: rows[0]?.count ?? 0, ids: rows.slice(0, most).map(({ id }) => id) };
}

/** Blocked ones beside the stuck ones: of the first so many, and as many more as are stuck, enough are. */
async function otherIds(
  session: Session,
  allStuck: string | undefined,
  stuckCount: number,
  most: number,
  { task, job }: Names,
): Promise<string[]> {
  const isOther = allStuck ? 'WHERE NOT EXISTS (SELECT FROM stuck s WHERE s.id = t.id)' : '';
  const rows = await session.query<{ id: string }>(
    `${allStuck ?? ''} SELECT t.id FROM (
       SELECT id FROM ${job} WHERE name = '${QUEUE}' AND blocked AND state < 'active' ORDER BY created_on ${limitOf(most + stuckCount)}
     ) early JOIN ${task} t ON t.job = early.id ${isOther} ORDER BY t.seq ${limitOf(most)}`,
  );
  return rows.map(({ id }) => id);
}
