import { isOrchError, OrchError } from '../../model/errors.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { isTaskId } from '../../stores/task-ids.ts';
import type { Rows } from './parse-tasks.ts';

/** Why a store took none of these rows, with the file and line of the one at fault where that can be told. */
export async function withPlace(error: unknown, rows: Rows, store: TaskStore): Promise<unknown> {
  if (!isOrchError(error)) return error;
  const fault = await faultOf(error, rows, store);
  const place = fault && rows.placeOf(fault.index);
  if (place === undefined) return error;
  return new OrchError(error.code, `${place}: ${fault?.message}`, { cause: error });
}

/** The task at fault, as its place among all. */
interface Fault {
  index: number;
  message: string;
}

/** Looks at the tasks as the store does: ids first, then one task after the other. */
async function faultOf(
  { code, message }: OrchError,
  { tasks, placeOf }: Rows,
  store: TaskStore,
): Promise<Fault | undefined> {
  const badId = tasks.findIndex(({ id }) => id !== undefined && !isTaskId(id));
  if (badId >= 0) return code === 'usage' ? { index: badId, message } : undefined;
  const earlier = new Map<string, string>();
  for (const [index, { id, description, after = [] }] of tasks.entries()) {
    if (id !== undefined) {
      const there = earlier.get(id) ?? (await store.get(id))?.description;
      if (code === 'conflict' && there !== undefined && there !== description) return { index, message };
      if (code === 'usage' && after.includes(id)) return { index, message };
    }
    for (const dependency of code === 'not-found' ? after : []) {
      if (earlier.has(dependency) || !message.includes(dependency) || (await store.get(dependency))) continue;
      const later = tasks.findIndex((task) => task.id === dependency);
      if (later < 0) return { index, message };
      const what = `"after" names ${dependency}, which must come earlier; it is in ${placeOf(later)}`;
      return { index, message: what };
    }
    if (id !== undefined) earlier.set(id, description);
  }
  return undefined;
}
