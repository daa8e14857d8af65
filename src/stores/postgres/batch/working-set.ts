import type { Task } from '../../../model/task.ts';
import type { StoppedRun } from '../../../ports/task-store.ts';
import type { LedgerEntry } from '../../ledger.ts';
import type { TableRecord } from '../../record.ts';
import { TaskTable } from '../../task-table.ts';
import type { Session } from '../connection/database.ts';
import { readCounter, readFact } from '../tables/facts.ts';
import { heldColumns, type Names, QUEUE, taskColumns, taskSource } from '../tables/names.ts';
import { type TaskRow, taskOfRow } from '../tables/rows.ts';
import { type Needs, namedBy, withRelated } from './needs.ts';

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
  const held = await readHeld(session, needs.held ?? [], names);
  const rows = [...held, ...(await readTasks(session, needs, names))];
  const tasks = rows.map(taskOfRow);
  const table = new TaskTable({ entries: tasks, nextId });
  const ledger = needs.ledger ? await readFact(session, 'ledger', names, 'FOR UPDATE') : undefined;
  if (ledger !== undefined) table.ledger.restore(JSON.parse(ledger) as Record<string, LedgerEntry>);
  const lastStop = needs.lastStop ? await readFact(session, 'last-stop', names, 'FOR UPDATE') : undefined;
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
 * First locked, then read: what others did until the lock was had is seen only by a statement of its own. So it is with what tasks come after, and what
 * comes after them: it is looked for again once they are locked, until there is no more of it.
 */
async function readTasks(session: Session, needs: Needs, names: Names): Promise<TaskRow[]> {
  const named = await namedBy(session, needs, names);
  if (named.length === 0 && !needs.every) return [];
  const asked = new Set<string>();
  const locked: string[] = [];
  let { every } = needs;
  let more = await withRelated(session, named, needs, names);
  while (every || more.length > 0) {
    const ids = await lock(session, more, every, names);
    // One by one: as arguments of one call they may be too many.
    for (const id of ids) {
      locked.push(id);
      if (every) named.push(id);
      asked.add(id);
    }
    for (const id of more) asked.add(id);
    every = undefined;
    more = (await withRelated(session, named, needs, names)).filter((id) => !asked.has(id));
  }
  return session.query<TaskRow>(
    `SELECT ${taskColumns(names)} FROM ${taskSource(names)} WHERE t.id = ANY($1) ORDER BY t.seq`,
    [locked],
  );
}

/** Claims are locked before their tasks, as whoever ends a claim of his own does it. @returns the ids of those that are there. */
async function lock(
  session: Session,
  ids: readonly string[],
  every: Needs['every'],
  { task, job, claim }: Names,
): Promise<string[]> {
  const states = every === 'task' ? 'true' : every ? "j.state IN ('failed', 'cancelled', 'active')" : 'false';
  const meant = `(t.id = ANY($1) OR ${states})`;
  await session.query(
    `SELECT FROM ${claim} c JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = c.job JOIN ${task} t ON t.job = c.job
     WHERE ${meant} ORDER BY t.seq FOR UPDATE OF c`,
    [ids],
  );
  const rows = await session.query<{ id: string }>(
    `SELECT t.id FROM ${task} t JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = t.job
     WHERE ${meant} ORDER BY t.seq FOR UPDATE OF t, j`,
    [ids],
  );
  return rows.map(({ id }) => id);
}

/** In one statement: whoever would end a claim locks it too, and has been waited for; what else he may have changed is locked, so that it is read as it is then. */
async function readHeld(session: Session, ids: readonly string[], names: Names): Promise<TaskRow[]> {
  if (ids.length === 0) return [];
  const { task, job, claim } = names;
  return session.query<TaskRow>(
    `SELECT ${heldColumns()}
     FROM ${task} t JOIN ${claim} c ON c.job = t.job JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = t.job
     WHERE t.id = ANY($1) ORDER BY t.seq FOR UPDATE OF c, t, j`,
    [ids],
  );
}
