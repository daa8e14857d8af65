import { isOrchError, OrchError } from '../../model/errors.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { isTaskId } from '../../stores/task-ids.ts';
import type { Row } from './parse-tasks.ts';

/** Why a store took none of these rows, with the file and line of the one at fault where that can be told. */
export async function withPlace(error: unknown, rows: Row[], store: TaskStore): Promise<unknown> {
  if (!isOrchError(error)) return error;
  const fault = await faultOf(error, rows, store);
  if (!fault?.row.place) return error;
  return new OrchError(error.code, `${fault.row.place}: ${fault.message}`, { cause: error });
}

interface Fault {
  row: Row;
  message: string;
}

/** Looks at the rows as the store does: ids first, then one row after the other. */
async function faultOf(
  { code, message }: OrchError,
  rows: Row[],
  store: TaskStore,
): Promise<Fault | undefined> {
  const badId = rows.find(({ task: { id } }) => id !== undefined && !isTaskId(id));
  if (badId) return code === 'usage' ? { row: badId, message } : undefined;
  const earlier = new Map<string, string>();
  for (const row of rows) {
    const { id, description, after = [] } = row.task;
    if (id !== undefined) {
      const there = earlier.get(id) ?? (await store.get(id))?.description;
      if (code === 'conflict' && there !== undefined && there !== description) return { row, message };
      if (code === 'usage' && after.includes(id)) return { row, message };
    }
    for (const dependency of code === 'not-found' ? after : []) {
      if (earlier.has(dependency) || !message.includes(dependency) || (await store.get(dependency))) continue;
      return { row, message: laterRow(dependency, rows) ?? message };
    }
    if (id !== undefined) earlier.set(id, description);
  }
  return undefined;
}

function laterRow(dependency: string, rows: Row[]): string | undefined {
  const later = rows.find(({ task }) => task.id === dependency);
  return later && `"after" names ${dependency}, which must come earlier; it is in ${later.place}`;
}
