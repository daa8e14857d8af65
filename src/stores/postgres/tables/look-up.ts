import type { Counts, Task, TaskStatus } from '../../../model/task.ts';
import type { Session } from '../connection/database.ts';
import { type Names, QUEUE, taskColumns, taskSource } from './names.ts';
import { type JobState, statesOf, type TaskRow, taskOfRow } from './rows.ts';

// What is read of tasks without a lock.

/** Tasks that are read at once by `list`. */
const PAGE = 1000;

export async function getTask(session: Session, id: string, names: Names): Promise<Task | undefined> {
  const [row] = await session.query<TaskRow>(
    `SELECT ${taskColumns(names)} FROM ${taskSource(names)} WHERE t.id = $1`,
    [id],
  );
  return row && taskOfRow(row);
}

/** All tasks of a status, or of any, in the order in which they were added. @param read does one page of it. */
export async function* listTasks(
  read: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
  status: TaskStatus | undefined,
  names: Names,
): AsyncIterable<Task> {
  const wanted = status && statesOf(status).map((state) => `'${state}'`);
  const states = wanted ? `AND j.state IN (${wanted.join(', ')})` : '';
  let last = '0';
  for (;;) {
    const rows = await read((session) =>
      session.query<TaskRow & { seq: string }>(
        `SELECT ${taskColumns(names)}, t.seq::text AS seq FROM ${taskSource(names)}
         WHERE t.seq > $1 ${states} ORDER BY t.seq LIMIT ${PAGE}`,
        [last],
      ),
    );
    for (const row of rows) yield taskOfRow(row);
    const end = rows.at(-1);
    if (!end || rows.length < PAGE) return;
    last = end.seq;
  }
}

/** The tasks that were added last, in that order. */
export async function lastTasks(session: Session, most: number, names: Names): Promise<Task[]> {
  const rows = await session.query<TaskRow>(
    `SELECT ${taskColumns(names)} FROM ${taskSource(names)} ORDER BY t.seq DESC LIMIT ${most}`,
  );
  return rows.map(taskOfRow).reverse();
}

export async function countTasks(session: Session, { job }: Names): Promise<Counts> {
  const rows = await session.query<{ state: JobState; blocked: boolean; count: number }>(
    `SELECT state, blocked, count(*)::int AS count FROM ${job} WHERE name = '${QUEUE}' GROUP BY state, blocked`,
  );
  const sum = (counted: typeof rows) => counted.reduce((all, { count }) => all + count, 0);
  const of = (status: TaskStatus) => rows.filter(({ state }) => statesOf(status).includes(state));
  return {
    pending: sum(of('pending')),
    in_progress: sum(of('in_progress')),
    completed: sum(of('completed')),
    failed: sum(of('failed')),
    blocked: sum(of('pending').filter(({ blocked }) => blocked)),
    total: sum(rows),
  };
}
