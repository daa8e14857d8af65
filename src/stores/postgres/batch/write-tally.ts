import { type Task, usageOf } from '../../../model/task.ts';
import { endedBy, sentBack, sentBackBy } from '../../works.ts';
import type { Session } from '../connection/database.ts';
import type { Names } from '../tables/names.ts';
import { addToTally, SUMS } from '../tables/tally.ts';
import type { Differences } from './differences.ts';
import type { WorkingSet } from './working-set.ts';

type Sums = Record<(typeof SUMS)[number], number>;

/** What a run did in one minute, more or less than was known. */
interface Work {
  run: string;
  minute: number;
  completed: number;
  failed: number;
  retried: number;
}

const MINUTE_MS = 60_000;

/** Keeps the sums over the texts of tasks, and what runs did, as they are with these changes: in one statement, since it is one more in every transaction. */
export async function writeTally(
  session: Session,
  { fresh, changes, removed }: Differences,
  { before }: WorkingSet,
  names: Names,
): Promise<void> {
  const gone = [
    ...changes.map((change) => change.before),
    ...removed.flatMap(({ id }) => before.get(id) ?? []),
  ];
  const come = [...fresh, ...changes.map((change) => change.after)];
  const [more, less] = [totals(come), totals(gone)];
  const sums = SUMS.map((each) => String(more[each] - less[each]));
  const works = workOf(come, gone);
  const changed = [
    ...(sums.some((sum) => sum !== '0') ? [addSums(names)] : []),
    ...(works.length > 0 ? [addWorks(names)] : []),
  ];
  if (changed.length === 0) return;
  const parts = changed.map((text, i) => `part_${i} AS (${text})`);
  await session.query(
    `WITH given AS (SELECT $1::numeric[] AS sums, $2::json AS works), ${parts.join(', ')} SELECT`,
    [sums, JSON.stringify(works)],
  );
}

function addSums(names: Names): string {
  return addToTally(names, SUMS, `SELECT ${SUMS.map((_, i) => `sums[${i + 1}]`).join(', ')} FROM given`);
}

/** Of runs that are still there; those of other processes may be about to leave. */
function addWorks({ work, run }: Names): string {
  return `INSERT INTO ${work} AS w (run, minute, completed, failed, retried)
    SELECT x.run, x.minute, x.completed, x.failed, x.retried
    FROM given, json_to_recordset(given.works) AS x (run text, minute bigint, completed int, failed int, retried int)
      JOIN ${run} r ON r.id = x.run
    ORDER BY x.run, x.minute FOR KEY SHARE OF r
    ON CONFLICT (run, minute) DO UPDATE SET completed = w.completed + excluded.completed,
      failed = w.failed + excluded.failed, retried = w.retried + excluded.retried`;
}

function totals(tasks: readonly Task[]): Sums {
  const all = Object.fromEntries(SUMS.map((each) => [each, 0])) as Sums;
  for (const task of tasks) {
    const sums = sumsOf(task);
    // Never infinite: no sum could be taken back.
    for (const each of SUMS) all[each] = Math.min(all[each] + sums[each], Number.MAX_VALUE);
  }
  return all;
}

function sumsOf(task: Task): Sums {
  const usage = usageOf(task);
  return {
    unverified: task.status === 'completed' && task.verified !== true ? 1 : 0,
    retried: sentBack(task).length > 0 ? 1 : 0,
    used: usage ? 1 : 0,
    unpriced: usage && usage.costUsd === undefined ? 1 : 0,
    input_tokens: usage?.inputTokens ?? 0,
    output_tokens: usage?.outputTokens ?? 0,
    cache_read_tokens: usage?.cacheReadTokens ?? 0,
    cache_write_tokens: usage?.cacheWriteTokens ?? 0,
    cost_usd: usage?.costUsd ?? 0,
    possible_usd: usage?.possibleUsd ?? 0,
  };
}

function workOf(come: readonly Task[], gone: readonly Task[]): Work[] {
  const works = new Map<string, Work>();
  const note = (run: string, minute: number, what: 'completed' | 'failed' | 'retried', by: number): void => {
    const key = `${minute} ${run}`;
    const work = works.get(key) ?? { run, minute, completed: 0, failed: 0, retried: 0 };
    work[what] += by;
    works.set(key, work);
  };
  const see = (task: Task, by: number): void => {
    for (const run of sentBackBy(task)) note(run, 0, 'retried', by);
    const run = endedBy(task);
    const minute = Math.floor(Date.parse(task.endedAt ?? task.createdAt) / MINUTE_MS);
    if (run !== undefined) note(run, minute, task.status === 'completed' ? 'completed' : 'failed', by);
  };
  for (const task of gone) see(task, -1);
  for (const task of come) see(task, 1);
  return [...works.values()].filter(({ completed, failed, retried }) => completed || failed || retried);
}
