import type { Task } from '../../model/task.ts';
import type { StoppedRun } from '../../ports/task-store.ts';
import type { LedgerEntry } from '../ledger.ts';
import type { TableRecord } from '../record.ts';
import { TaskTable } from '../task-table.ts';
import type { Session } from './database.ts';
import { heldColumns, type Names, QUEUE, taskColumns, taskSource } from './names.ts';
import { idsOf, type Needs } from './needs.ts';
import { type TaskRow, taskOfRow } from './rows.ts';

/** The part of the store that some work needs, as a table: what `TableOperations` do to it is written back by `write-back.ts`. */
export interface WorkingSet {
  table: TaskTable;
  /** As they were when they were read. */
  rows: ReadonlyMap<string, TaskRow>;
  before: ReadonlyMap<string, Task>;
  /** The ids of the tasks that records have named since. */
  touched: Set<string>;
  needs: Needs;
  nextId: number;
  ledger: string | undefined;
  lastStop: string | undefined;
}

/** Reads what is needed, and locks it against others until the transaction ends. */
export async function readWorkingSet(session: Session, needs: Needs, names: Names): Promise<WorkingSet> {
  const nextId = needs.counter ? await readCounter(session, names) : 1;
  const ids = await idsOf(session, needs, names);
  const held = await readHeld(session, needs.held ?? [], names);
  const rows = [...held, ...(await readTasks(session, ids, needs.every, names))];
  const tasks = rows.map(taskOfRow);
  const table = new TaskTable({ entries: tasks, nextId });
  const ledger = needs.ledger ? await readFact(session, 'ledger', names) : undefined;
  if (ledger !== undefined) table.ledger.restore(JSON.parse(ledger) as Record<string, LedgerEntry>);
  const lastStop = needs.lastStop ? await readFact(session, 'last-stop', names) : undefined;
  if (lastStop !== undefined) table.lastStop = JSON.parse(lastStop) as StoppedRun;
  return {
    table,
    rows: new Map(rows.map((row) => [row.id, row])),
    before: new Map(tasks.map((task) => [task.id, task])),
    touched: new Set(),
    needs,
    nextId,
    ledger,
    lastStop,
  };
}

/** To be told of each record. */
export function touch({ touched }: WorkingSet, record: TableRecord): void {
  if (record.op === 'add' || record.op === 'import') touched.add(record.task.id);
  else if (record.op === 'claim') touched.add(record.lease.taskId);
  else if (record.op === 'renew') for (const id of record.ids) touched.add(id);
  else if ('id' in record) touched.add(record.id);
}

/**
 * First locked, then read: what others did until the lock was had is seen only by a statement of its own. Claims are locked before their
 * tasks, as whoever ends a claim of his own does it.
 */
async function readTasks(
  session: Session,
  ids: string[],
  every: Needs['every'],
  names: Names,
): Promise<TaskRow[]> {
  if (ids.length === 0 && !every) return [];
  const { task, job, claim } = names;
  const states = every === 'task' ? 'true' : every ? "j.state IN ('failed', 'cancelled', 'active')" : 'false';
  const meant = `(t.id = ANY($1) OR ${states})`;
  await session.query(
    `SELECT FROM ${claim} c JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = c.job JOIN ${task} t ON t.job = c.job
     WHERE ${meant} ORDER BY t.seq FOR UPDATE OF c`,
    [ids],
  );
  await session.query(
    `SELECT FROM ${task} t JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = t.job
     WHERE ${meant} ORDER BY t.seq FOR UPDATE OF t, j`,
    [ids],
  );
  return session.query<TaskRow>(
    `SELECT ${taskColumns(names)} FROM ${taskSource(names)} WHERE ${meant} ORDER BY t.seq`,
    [ids],
  );
}

/** The claim alone is locked: whoever would change a task that is held has to end its claim first. */
async function readHeld(session: Session, ids: readonly string[], names: Names): Promise<TaskRow[]> {
  if (ids.length === 0) return [];
  const { task, job, claim } = names;
  return session.query<TaskRow>(
    `SELECT ${heldColumns()}
     FROM ${task} t JOIN ${claim} c ON c.job = t.job JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = t.job
     WHERE t.id = ANY($1) ORDER BY t.seq FOR UPDATE OF c`,
    [ids],
  );
}

async function readCounter(session: Session, { counter }: Names): Promise<number> {
  const [row] = await session.query<{ next: number }>(
    `SELECT next_id::float8 AS next FROM ${counter} FOR UPDATE`,
  );
  return row?.next ?? 1;
}

async function readFact(session: Session, name: string, { fact }: Names): Promise<string | undefined> {
  const [row] = await session.query<{ value: string | null }>(
    `SELECT value::text AS value FROM ${fact} WHERE name = $1 FOR UPDATE`,
    [name],
  );
  return row?.value ?? undefined;
}
