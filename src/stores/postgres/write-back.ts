import { randomUUID } from 'node:crypto';
import type { Task } from '../../model/task.ts';
import type { Session } from './database.ts';
import { type Names, QUEUE } from './names.ts';
import type { Placement, Queue } from './queue.ts';
import { bodyOf, type TaskRow } from './rows.ts';
import type { Told } from './told.ts';
import type { WorkingSet } from './working-set.ts';

/** A task that was there and still is. */
interface Change {
  row: TaskRow;
  before: Task;
  after: Task;
}

/** Writes down what has become of a working set. @returns what others are to be told. */
export async function writeBack(
  session: Session,
  set: WorkingSet,
  queue: Queue,
  names: Names,
): Promise<Set<Told>> {
  const { fresh, changes, removed } = differences(set);
  await writeFresh(session, fresh, queue, names);
  await writeTasks(session, changes, names);
  await moveJobs(session, changes, queue);
  await remove(session, removed, queue, names);
  const flipped = changes.filter(({ before, after }) => isCompleted(before) !== isCompleted(after));
  const relinked = [
    ...fresh.filter(({ after }) => after),
    ...changes.filter(isRelinked).map(({ after }) => after),
  ];
  const isFreed = await blockDependents(session, flipped, relinked, queue, names);
  await writeFacts(session, set, names);
  return told(fresh, changes, removed, isFreed);
}

function differences({ table, rows, before, touched }: WorkingSet) {
  const fresh: Task[] = [];
  const changes: Change[] = [];
  const removed: TaskRow[] = [];
  for (const id of touched) {
    const row = rows.get(id);
    const old = before.get(id);
    const now = table.get(id);
    if (!row || !old) now && fresh.push(now);
    else if (now) changes.push({ row, before: old, after: now });
    else removed.push(row);
  }
  return { fresh, changes, removed };
}

async function writeFresh(
  session: Session,
  fresh: readonly Task[],
  queue: Queue,
  { task }: Names,
): Promise<void> {
  if (fresh.length === 0) return;
  const jobs = fresh.map(() => randomUUID());
  const bodies = fresh.map(bodyOf);
  await takeTime(session, bodies);
  await session.query(
    `INSERT INTO ${task} (id, job, after, body)
     SELECT x.id, x.job, x.after::text[], x.body::json
     FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS x (id, job, after, body, place)
     ORDER BY x.place`,
    [fresh.map(({ id }) => id), jobs, fresh.map(({ after }) => after && arrayLiteral(after)), bodies],
  );
  const inserts = fresh.map((each, i) => ({
    id: jobs[i] as string,
    task: each.id,
    priority: each.priority,
    startAfter: each.notBefore,
  }));
  await queue.insert(session, inserts);
  await queue.age(session, jobs);
  const ended = fresh.flatMap((each, i) =>
    each.status === 'pending' ? [] : [placementOf(each, jobs[i] as string)],
  );
  await queue.place(session, ended);
}

/** Texts that are larger together take the driver many seconds to prepare, in which the transaction is idle: it is not ended for that. Characters. */
const LARGE = 10_000_000;

async function takeTime(session: Session, texts: readonly string[]): Promise<void> {
  if (texts.reduce((sum, { length }) => sum + length, 0) > LARGE)
    await session.query("SET LOCAL idle_in_transaction_session_timeout = '5min'");
}

/** Together, since most that is written back is the end of a claim. */
async function writeTasks(
  session: Session,
  changes: readonly Change[],
  { task, claim }: Names,
): Promise<void> {
  const ended = changes.filter(({ before, after }) => before.lease && !after.lease);
  const written = changes.flatMap(({ row, before, after }) => {
    const body = bodyOf(after);
    const isChanged = body !== row.body || !isSame(before.after, after.after);
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

async function moveJobs(session: Session, changes: readonly Change[], queue: Queue): Promise<void> {
  const completed: string[] = [];
  const placed: Placement[] = [];
  for (const { row, before, after } of changes) {
    if (isPlaced(before, after)) continue;
    const isSettled = row.state === 'active' && before.priority === after.priority;
    if (isSettled && after.status === 'completed') completed.push(row.job);
    else placed.push(placementOf(after, row.job));
  }
  await queue.complete(session, completed);
  await queue.place(session, placed);
}

function isPlaced(before: Task, after: Task): boolean {
  return (
    before.status === after.status &&
    before.priority === after.priority &&
    before.notBefore === after.notBefore
  );
}

function placementOf({ status, priority, notBefore }: Task, job: string): Placement {
  return { job, status, priority, startAfter: notBefore };
}

async function remove(
  session: Session,
  removed: readonly TaskRow[],
  queue: Queue,
  { task, claim }: Names,
): Promise<void> {
  if (removed.length === 0) return;
  const jobs = removed.map(({ job }) => job);
  await session.query(
    `WITH ended AS (DELETE FROM ${claim} WHERE job = ANY($1)) DELETE FROM ${task} WHERE job = ANY($1)`,
    [jobs],
  );
  await queue.remove(session, jobs);
}

/** @returns whether a task may no longer be blocked. */
async function blockDependents(
  session: Session,
  flipped: readonly Change[],
  relinked: readonly Task[],
  queue: Queue,
  { task, job }: Names,
): Promise<boolean> {
  const ids = flipped.map(({ row }) => row.id);
  const dependents =
    ids.length > 0
      ? await session.query<{ id: string }>(
          `SELECT t.id FROM ${task} t JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = t.job
           WHERE t.after && $1::text[] ORDER BY t.seq FOR UPDATE OF t, j`,
          [ids],
        )
      : [];
  const all = new Set([...dependents, ...relinked].map(({ id }) => id));
  if (all.size > 0) await queue.block(session, [...all]);
  return all.size > 0;
}

async function writeFacts(session: Session, set: WorkingSet, { counter, fact }: Names): Promise<void> {
  const { table, needs } = set;
  if (needs.counter && table.nextId !== set.nextId) {
    await session.query(`UPDATE ${counter} SET next_id = $1`, [table.nextId]);
  }
  const write = (name: string, value: string | null) =>
    session.query(`UPDATE ${fact} SET value = $2::json WHERE name = $1`, [name, value]);
  const ledger = JSON.stringify(table.ledger.entries());
  if (needs.ledger && ledger !== set.ledger) await write('ledger', ledger);
  const lastStop = table.lastStop && JSON.stringify(table.lastStop);
  if (needs.lastStop && lastStop !== set.lastStop) await write('last-stop', lastStop ?? null);
}

function told(
  fresh: readonly Task[],
  changes: readonly Change[],
  removed: readonly TaskRow[],
  isFreed: boolean,
): Set<Told> {
  const all = new Set<Told>();
  if (fresh.length > 0 || isFreed) all.add('runnable');
  for (const { before, after } of changes) {
    if (after.status === 'pending') all.add('runnable');
    else if (before.status !== after.status) all.add('settled');
  }
  if (removed.length > 0) all.add('settled');
  return all;
}

/** What an ended task comes after may have been removed since, and come back. */
function isRelinked({ before, after }: Change): boolean {
  const isBack = after.status === 'pending' && (before.status === 'completed' || before.status === 'failed');
  return !isSame(before.after, after.after) || (isBack && after.after !== undefined);
}

function isCompleted({ status }: Task): boolean {
  return status === 'completed';
}

function isSame(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Quoted, since an id may be `null`; what a completed task came after may be gone, and no id at all. */
function arrayLiteral(ids: readonly string[]): string {
  return `{${ids.map((id) => `"${id.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
