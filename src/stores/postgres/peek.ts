import type { Task } from '../../model/task.ts';
import { withDatabase } from './connect.ts';
import type { Session } from './database.ts';
import { isCurrent, versionsOf } from './migration.ts';
import { namesIn, taskColumns, taskSource } from './names.ts';
import { type TaskRow, taskOfRow } from './rows.ts';

/**
 * The tasks that were added last, for whoever must not wait: an older or newer store holds none.
 * @param most tasks that are read at most.
 */
export function peekAtPostgres(url: string, most: number): Promise<Task[]> {
  return withDatabase(url, async (database, { schema }) =>
    isCurrent(await versionsOf(database, schema)) ? lastTasks(database, schema, most) : [],
  );
}

async function lastTasks(session: Session, schema: string, most: number): Promise<Task[]> {
  const names = namesIn(schema);
  const rows = await session.query<TaskRow>(
    `SELECT ${taskColumns(names)} FROM ${taskSource(names)} ORDER BY t.seq DESC LIMIT ${most}`,
  );
  return rows.map(taskOfRow).reverse();
}
