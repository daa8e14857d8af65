import type { Ahead } from '../../../ports/survey.ts';
import type { Session } from '../connection/database.ts';
import { type Names, QUEUE } from '../tables/names.ts';

/** What is claimed before a task. What is before it is counted, by the index by which it is claimed. */
export async function aheadOf(session: Session, id: string, { task, job, now }: Names): Promise<Ahead> {
  const isReady = (j: string) =>
    `${j}.name = '${QUEUE}' AND ${j}.state < 'active' AND NOT ${j}.blocked AND ${j}.start_after <= ${now}`;
  const [row] = await session.query<Ahead>(
    `SELECT (count(*) FILTER (WHERE j.priority > me.priority))::int AS higher,
       (count(*) FILTER (WHERE j.priority = me.priority))::int AS older
     FROM ${task} t JOIN ${job} me ON me.id = t.job AND ${isReady('me')}
       JOIN ${job} j ON ${isReady('j')}
         AND (j.priority > me.priority OR (j.priority = me.priority AND j.created_on < me.created_on))
     WHERE t.id = $1`,
    [id],
  );
  return row ?? { higher: 0, older: 0 };
}
