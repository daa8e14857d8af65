import { count, type Diagnosis, healthy, problem, remarkable } from '../../diagnosis.ts';
import type { Session } from '../connection/database.ts';
import { readTally } from '../survey/read-tally.ts';
import { type Names, namesIn, QUEUE, queueSchema } from '../tables/names.ts';
import { tallyOfJobs, tallySums } from '../tables/tally.ts';
import { tornText } from '../tables/torn.ts';

/** Larger stores are looked at by what was added last: to look at all takes a second for so many. */
const MOST_TASKS = 1_000_000;
const LATEST = 10_000;

/** Whether our tables and the queue's are of one moment: parts of two backups are not. */
export async function halves(session: Session, schema: string): Promise<Diagnosis> {
  const names = namesIn(schema);
  const { counts } = await readTally(session, names);
  const isLarge = counts.total > MOST_TASKS;
  const found = await apart(session, isLarge, names);
  const facts = { ...found, all: !isLarge };
  const { jobless, taskless, claimless, idle } = found;
  const torn = [
    jobless > 0 && `${count(jobless, 'task')} without a job`,
    taskless > 0 && `${count(taskless, 'job')} without a task`,
    claimless > 0 && `${count(claimless, 'job')} in progress that nobody claimed`,
    idle > 0 && `${count(idle, 'claim')} of what is not in progress`,
  ].filter(Boolean);
  if (torn.length > 0) return problem('halves', tornText(torn.join(', '), schema), facts);
  const miscounted = isLarge ? [] : await miscounts(session, names);
  if (miscounted.length > 0) {
    const text = `the store counts ${miscounted.join(', ')}: ${schema} and ${queueSchema(schema)} may be of two moments, in which case restore both from one backup; otherwise \`orch db migrate --recount\` counts anew`;
    return remarkable('halves', text, facts);
  }
  const what = isLarge ? `the last ${LATEST.toLocaleString('en')} tasks and their jobs` : 'tasks and jobs';
  return healthy('halves', `${what} belong together`, facts);
}

interface Apart {
  jobless: number;
  taskless: number;
  claimless: number;
  idle: number;
}

async function apart(session: Session, isLarge: boolean, { task, job, claim }: Names): Promise<Apart> {
  const latest = isLarge ? `ORDER BY seq DESC LIMIT ${LATEST}` : '';
  const [row] = await session.query<Apart>(
    `SELECT
       (SELECT count(*)::int FROM (SELECT job FROM ${task} ${latest}) t
        WHERE NOT EXISTS (SELECT FROM ${job} j WHERE j.name = '${QUEUE}' AND j.id = t.job)) AS jobless,
       ${isLarge ? '0' : `(SELECT count(*)::int FROM ${job} j WHERE j.name = '${QUEUE}' AND NOT EXISTS (SELECT FROM ${task} t WHERE t.job = j.id))`} AS taskless,
       (SELECT count(*)::int FROM ${job} j WHERE j.name = '${QUEUE}' AND j.state = 'active' AND j.group_id IS NOT NULL
         AND NOT EXISTS (SELECT FROM ${claim} c WHERE c.job = j.id)) AS claimless,
       (SELECT count(*)::int FROM ${claim} c
         WHERE NOT EXISTS (SELECT FROM ${job} j WHERE j.name = '${QUEUE}' AND j.id = c.job AND j.state = 'active')) AS idle`,
  );
  return row ?? { jobless: 0, taskless: 0, claimless: 0, idle: 0 };
}

/** `3 completed where there are 4`. Both are of one moment, since a run may change them meanwhile. */
async function miscounts(session: Session, { job, tally }: Names): Promise<string[]> {
  type Numbers = Record<string, number>;
  const [row] = await session.query<{ said: Numbers; there: Numbers }>(
    `SELECT (SELECT row_to_json(x) FROM (SELECT ${tallySums()} FROM ${tally}) x) AS said,
       (SELECT row_to_json(x) FROM (SELECT ${tallyOfJobs()} FROM ${job} WHERE name = '${QUEUE}') x) AS there`,
  );
  const { said = {}, there = {} } = row ?? {};
  return Object.entries(there).flatMap(([state, count]) =>
    said[state] === count ? [] : [`${said[state]} ${state} where there are ${count}`],
  );
}
