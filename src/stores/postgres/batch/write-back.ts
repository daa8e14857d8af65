import { randomUUID } from 'node:crypto';
import type { Task } from '../../../model/task.ts';
import type { Session } from '../connection/database.ts';
import type { Queue } from '../queue/queue.ts';
import { writeCounter, writeFact } from '../tables/facts.ts';
import type { Names } from '../tables/names.ts';
import type { TaskRow } from '../tables/rows.ts';
import { differences, isFlipped, isRelinked, newsOf } from './differences.ts';
import type { News } from './news.ts';
import type { WorkingSet } from './working-set.ts';
import { addJobs, blockDependents, moveJobs } from './write-jobs.ts';
import { addRows, changeRows, removeRows } from './write-rows.ts';
import { writeTally } from './write-tally.ts';

/** New tasks that are written at once. */
const PIECE = 1000;

/** Writes down what has become of a working set. @returns what that is to others. */
export async function writeBack(
  session: Session,
  set: WorkingSet,
  queue: Queue,
  names: Names,
): Promise<News> {
  const all = differences(set);
  const { fresh, changes, removed } = all;
  await addTasks(session, fresh, queue, names);
  await changeRows(session, changes, names);
  await moveJobs(session, changes, queue, names);
  await removeTasks(session, removed, queue, names);
  const relinked = [
    ...fresh.filter(({ after }) => after),
    ...changes.filter(isRelinked).map(({ after }) => after),
  ];
  const freed = await blockDependents(session, changes.filter(isFlipped), relinked, names);
  await writeTally(session, all, set, names);
  await writeFacts(session, set, names);
  return newsOf(all, freed);
}

async function addTasks(session: Session, fresh: readonly Task[], queue: Queue, names: Names): Promise<void> {
  for (let from = 0; from < fresh.length; from += PIECE) {
    const added = fresh.slice(from, from + PIECE).map((task) => ({ task, job: randomUUID() }));
    await addRows(session, added, names);
    await addJobs(session, added, queue, names);
  }
}

async function removeTasks(
  session: Session,
  removed: readonly TaskRow[],
  queue: Queue,
  names: Names,
): Promise<void> {
  if (removed.length === 0) return;
  const jobs = removed.map(({ job }) => job);
  await removeRows(session, jobs, names);
  await queue.remove(session, jobs);
}

async function writeFacts(session: Session, set: WorkingSet, names: Names): Promise<void> {
  const { table, needs } = set;
  if (needs.counter && table.nextId !== set.nextId) await writeCounter(session, table.nextId, names);
  const ledger = needs.ledger ? JSON.stringify(table.ledger.entries()) : undefined;
  if (ledger !== undefined && ledger !== set.ledger) await writeFact(session, 'ledger', ledger, names);
  const lastStop = table.lastStop && JSON.stringify(table.lastStop);
  if (needs.lastStop && lastStop !== set.lastStop)
    await writeFact(session, 'last-stop', lastStop ?? null, names);
}
