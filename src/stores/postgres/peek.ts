import type { Task } from '../../model/task.ts';
import { withDatabase } from './connection/connect.ts';
import { isCurrent, versionsOf } from './migration/migration.ts';
import { lastTasks } from './tables/look-up.ts';
import { namesIn } from './tables/names.ts';

/**
 * The tasks that were added last, for whoever must not wait: an older or newer store holds none.
 * @param most tasks that are read at most.
 */
export function peekAtPostgres(url: string, most: number): Promise<Task[]> {
  return withDatabase(url, async (database, { schema }) =>
    isCurrent(await versionsOf(database, schema)) ? lastTasks(database, most, namesIn(schema)) : [],
  );
}
