import type { Task } from '../../model/task.ts';
import { withDatabase } from './connect.ts';
import { lastTasks } from './look-up.ts';
import { isCurrent, versionsOf } from './migration.ts';
import { namesIn } from './names.ts';

/**
 * The tasks that were added last, for whoever must not wait: an older or newer store holds none.
 * @param most tasks that are read at most.
 */
export function peekAtPostgres(url: string, most: number): Promise<Task[]> {
  return withDatabase(url, async (database, { schema }) =>
    isCurrent(await versionsOf(database, schema)) ? lastTasks(database, most, namesIn(schema)) : [],
  );
}
