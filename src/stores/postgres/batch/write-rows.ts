import type { Task } from '../../../model/task.ts';
import type { Session } from '../connection/database.ts';
import type { Names } from '../tables/names.ts';
import { bodyOf } from '../tables/rows.ts';
import { isSameAfter, type TaskChange } from './differences.ts';

/** A task that comes in, and the id of the job that it is to have. */
export interface AddedTask {
  task: Task;
  job: string;
}

export async function addRows(session: Session, added: readonly AddedTask[], names: Names): Promise<void> {
  const bodies = added.map(({ task }) => bodyOf(task));
  await takeTime(session, bodies);
  await session.query(
    `INSERT INTO ${names.task} (id, job, after, body)
     SELECT x.id, x.job, x.after::text[], x.body::json
     FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS x (id, job, after, body, place)
     ORDER BY x.place`,
    [
      added.map(({ task }) => task.id),
      added.map(({ job }) => job),
      added.map(({ task: { after } }) => after && arrayLiteral(after)),
      bodies,
    ],
  );
}

/** Together with the ends of claims, since most that is written back is the end of a claim. */
export async function changeRows(
  session: Session,
  changes: readonly TaskChange[],
  { task, claim }: Names,
): Promise<void> {
  const ended = changes.filter(({ before, after }) => before.lease && !after.lease);
  const written = changes.flatMap(({ row, before, after }) => {
    const body = bodyOf(after);
    const isChanged = body !== row.body || !isSameAfter(before, after);
    return isChanged ? [{ job: row.job, body, after: after.after && arrayLiteral(after.after) }] : [];
  });
  if (ended.length + written.length === 0) return;
  await takeTime(
    session,
    written.map(({ body }) => body),
  );
  await session.query(
    `WITH ended AS (DELETE FROM ${claim} WHERE job = ANY($4))
     UPDATE ${task} t SET body = x.body::json, after = x.after::text[]
     FROM unnest($1::uuid[], $2::text[], $3::text[]) AS x (job, body, after) WHERE t.job = x.job`,
    [
      written.map(({ job }) => job),
      written.map(({ body }) => body),
      written.map(({ after }) => after ?? null),
      ended.map(({ row }) => row.job),
    ],
  );
}

export async function removeRows(
  session: Session,
  jobs: readonly string[],
  { task, claim }: Names,
): Promise<void> {
  await session.query(
    `WITH ended AS (DELETE FROM ${claim} WHERE job = ANY($1)) DELETE FROM ${task} WHERE job = ANY($1)`,
    [jobs],
  );
}

/** Texts that are larger together take the driver many seconds to prepare, in which the transaction is idle: it is not ended for that. Characters. */
const LARGE = 10_000_000;

async function takeTime(session: Session, texts: readonly string[]): Promise<void> {
  if (texts.reduce((sum, { length }) => sum + length, 0) > LARGE)
    await session.query("SET LOCAL idle_in_transaction_session_timeout = '5min'");
}

/** Quoted, since an id may be `null`; what a completed task came after may be gone, and no id at all. */
function arrayLiteral(ids: readonly string[]): string {
  return `{${ids.map((id) => `"${id.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
