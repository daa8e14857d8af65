import type { Task } from '../../../model/task.ts';
import type { ListFilter } from '../../../ports/task-store.ts';
import type { Session } from '../connection/database.ts';
import { type Names, taskColumns, taskSource } from './names.ts';
import { statesOf, type TaskRow, taskOfRow } from './rows.ts';

// What is read of tasks without a lock.

/** Tasks that are read at once by `list`. */
const PAGE = 1000;

/** And so many bytes of their texts. */
const PAGE_BYTES = 8_000_000;

export async function getTask(session: Session, id: string, names: Names): Promise<Task | undefined> {
  const [row] = await session.query<TaskRow>(
    `SELECT ${taskColumns(names)} FROM ${taskSource(names)} WHERE t.id = $1`,
    [id],
  );
  return row && taskOfRow(row);
}

/** The tasks that a filter names, in the order in which they were added. @param read does one page of it. @param most bytes of a page, unless its first task has more. */
export async function* listTasks(
  read: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
  { status, mentioning }: ListFilter,
  names: Names,
  most = PAGE_BYTES,
): AsyncIterable<Task> {
  const wanted = status && statesOf(status).map((state) => `'${state}'`);
  const states = wanted ? `AND j.state IN (${wanted.join(', ')})` : '';
  const texts = mentioning
    ? 'AND EXISTS (SELECT FROM unnest($2::text[]) AS x (text) WHERE strpos(t.body::text, x.text) > 0)'
    : '';
  const page = fitting(
    `SELECT ${taskColumns(names)}, t.seq FROM ${taskSource(names)} WHERE t.seq > $1 ${states} ${texts} ORDER BY t.seq LIMIT ${PAGE}`,
    most,
  );
  let last = '0';
  for (;;) {
    const rows = await read((session) =>
      session.query<TaskRow & { seq: string }>(page, [last, ...(mentioning ? [mentioning] : [])]),
    );
    for (const row of rows) yield taskOfRow(row);
    const end = rows.at(-1);
    if (!end) return;
    last = end.seq;
  }
}

/** Tasks by their ids, in the order in which they were added, a page at a time. */
export async function* rowsOf(
  session: Session,
  ids: readonly string[],
  names: Names,
): AsyncIterable<TaskRow> {
  const page = fitting(
    `SELECT ${taskColumns(names)}, t.seq FROM ${taskSource(names)} WHERE t.id = ANY($1)`,
    PAGE_BYTES,
  );
  for (let rest = [...ids]; rest.length > 0; ) {
    const rows = await session.query<TaskRow>(page, [rest.slice(0, PAGE)]);
    yield* rows;
    const read = new Set(rows.map(({ id }) => id));
    // Those of this page that are gone meanwhile are not read, either.
    rest = rows.length === 0 ? rest.slice(PAGE) : rest.filter((id) => !read.has(id));
  }
}

/** Those rows that are not too large together, in their order; the first one in any case. How long a text is, is known without reading it. */
function fitting(rows: string, most: number): string {
  return `SELECT * FROM (SELECT *, sum(octet_length(body)) OVER (ORDER BY seq) AS bytes FROM (${rows}) a) b
    WHERE bytes <= ${most} OR bytes = octet_length(body) ORDER BY seq`;
}

/** The tasks that were added last, in that order. */
export async function lastTasks(session: Session, most: number, names: Names): Promise<Task[]> {
  const rows = await session.query<TaskRow>(
    `SELECT ${taskColumns(names)} FROM ${taskSource(names)} ORDER BY t.seq DESC LIMIT ${most}`,
  );
  return rows.map(taskOfRow).reverse();
}
