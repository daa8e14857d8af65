import type { Task } from '../../../model/task.ts';
import type { Session } from '../connection/database.ts';
import { ageJobs, blockJobs, type Placement, placeJobs } from '../queue/job-table.ts';
import type { Queue } from '../queue/queue.ts';
import { type Names, QUEUE } from '../tables/names.ts';
import type { TaskChange } from './differences.ts';
import type { AddedTask } from './write-rows.ts';

export async function addJobs(
  session: Session,
  added: readonly AddedTask[],
  queue: Queue,
  names: Names,
): Promise<void> {
  const inserts = added.map(({ task, job }) => ({
    id: job,
    task: task.id,
    priority: task.priority,
    startAfter: task.notBefore,
  }));
  await queue.insert(session, inserts);
  await ageJobs(
    session,
    added.map(({ job }) => job),
    names,
  );
  // An import brings in tasks that have ended, too.
  const ended = added.filter(({ task }) => task.status !== 'pending');
  await placeJobs(
    session,
    ended.map(({ task, job }) => placementOf(task, job)),
    names,
  );
}

export async function moveJobs(
  session: Session,
  changes: readonly TaskChange[],
  queue: Queue,
  names: Names,
): Promise<void> {
  const completed: string[] = [];
  const placed: Placement[] = [];
  for (const { row, before, after } of changes) {
    if (isPlaced(before, after)) continue;
    const isSettled = row.state === 'active' && before.priority === after.priority;
    if (isSettled && after.status === 'completed') completed.push(row.job);
    else placed.push(placementOf(after, row.job));
  }
  await queue.complete(session, completed);
  await placeJobs(session, placed, names);
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

/** @returns the ids of tasks that are no longer blocked. */
export async function blockDependents(
  session: Session,
  flipped: readonly TaskChange[],
  relinked: readonly Task[],
  names: Names,
): Promise<string[]> {
  const { task, job } = names;
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
  return all.size > 0 ? blockJobs(session, [...all], names) : [];
}
