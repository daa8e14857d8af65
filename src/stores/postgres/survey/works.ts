import { LATELY_MS, type RunWork } from '../../../ports/survey.ts';
import type { Session } from '../connection/database.ts';
import { ms, type Names } from '../tables/names.ts';

/** What each run that lives did; what it ended lately is known by the minute, of which the one that has begun before counts in part. */
export async function readWorks(
  session: Session,
  { run, work, claim, now }: Names,
): Promise<Map<string, RunWork>> {
  const share = `least(1, greatest(0, (w.minute + 1) - (${ms(now)} - ${LATELY_MS}) / 60000))`;
  const rows = await session.query<RunWork & { id: string }>(
    `SELECT r.id, (SELECT count(*)::int FROM ${claim} c WHERE c.run = r.id) AS held,
       greatest(0, sum(w.completed))::int AS completed, greatest(0, sum(w.failed))::int AS failed,
       greatest(0, sum(w.retried))::int AS retried, greatest(0, round(sum((w.completed + w.failed) * ${share})))::int AS lately
     FROM ${run} r LEFT JOIN ${work} w ON w.run = r.id GROUP BY r.id`,
  );
  return new Map(rows.map(({ id, ...each }) => [id, each]));
}
