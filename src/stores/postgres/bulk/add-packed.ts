import { randomUUID } from 'node:crypto';
import { isoTime } from '../../../model/clock.ts';
import type { NewTask } from '../../../model/task.ts';
import { created } from '../../../model/transitions.ts';
import type { Added } from '../../../ports/task-store.ts';
import type { PackedTasks } from '../../packed-tasks.ts';
import { type AddPlan, planAdd } from '../../plan-add.ts';
import { answerOf } from '../../planned-answer.ts';
import { knownIn } from '../../table-operations.ts';
import type { Shared } from '../batch/shared.ts';
import { readWorkingSet } from '../batch/working-set.ts';
import { addJobs } from '../batch/write-jobs.ts';
import { type AddedTask, addRows } from '../batch/write-rows.ts';
import type { Session } from '../connection/database.ts';
import { blockJobs } from '../queue/job-table.ts';
import { writeCounter } from '../tables/facts.ts';
import type { Names } from '../tables/names.ts';

/** What is sent to the database at once: so many tasks, or so many characters of their texts. */
const PIECE_TASKS = 200;
const PIECE_CHARACTERS = 1_000_000;

/** Ids that are looked for at once. */
const PIECE_IDS = 10_000;

/** Adds packed tasks in the transaction of a session, a piece at a time: as `TableOperations.add` does it with a list. @param now milliseconds since the epoch */
export async function addPacked(
  session: Session,
  packed: PackedTasks,
  now: number,
  { queue, names }: Pick<Shared, 'queue' | 'names'>,
): Promise<Added> {
  const relates = packed.afters.size > 0;
  // The counter is locked first: nobody else adds anything until this is done.
  await readWorkingSet(session, { counter: true }, names);
  const tasks = relates ? [...new Set(packed.named())] : await thereAmong(session, packed.ownIds(), names);
  const needs = { tasks, withAfter: relates, withDependents: relates, counter: true };
  const set = await readWorkingSet(session, needs, names);
  const plan = planAdd(packed, knownIn(set.table), set.nextId);
  const at = isoTime(now);
  const waiting: string[] = [];
  for (const piece of pieces(packed, plan, at)) {
    await addRows(session, piece, names);
    await addJobs(session, piece, queue, names);
    for (const { task } of piece) if (task.after) waiting.push(task.id);
  }
  if (waiting.length > 0) await blockJobs(session, waiting, names);
  if (plan.nextId !== set.nextId) await writeCounter(session, plan.nextId, names);
  return answerOf(plan, packed, at);
}

async function thereAmong(session: Session, ids: Iterable<string>, names: Names): Promise<string[]> {
  const there: string[] = [];
  let piece: string[] = [];
  const look = async () => {
    const rows = await session.query<{ id: string }>(`SELECT id FROM ${names.task} WHERE id = ANY($1)`, [
      piece,
    ]);
    for (const { id } of rows) there.push(id);
    piece = [];
  };
  for (const id of ids) if (piece.push(id) === PIECE_IDS) await look();
  if (piece.length > 0) await look();
  return there;
}

function* pieces(packed: PackedTasks, plan: AddPlan, at: string): Generator<AddedTask[]> {
  let piece: AddedTask[] = [];
  let characters = 0;
  let index = 0;
  for (const text of packed.texts()) {
    if (!plan.there.has(index)) {
      const task = created(JSON.parse(text) as NewTask, plan.idOf(index), at);
      piece.push({ task, job: randomUUID() });
      characters += text.length;
    }
    index++;
    if (piece.length < PIECE_TASKS && characters < PIECE_CHARACTERS) continue;
    yield piece;
    piece = [];
    characters = 0;
  }
  if (piece.length > 0) yield piece;
}
