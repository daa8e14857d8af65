import { findCircle } from '../../model/circle.ts';
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

/** Looks at the tasks as the store does: ids first, then one task after the other, then all together. */
async function faultOf(
  { code, message }: OrchError,
  { tasks }: Rows,
  store: TaskStore,
): Promise<Fault | undefined> {
  const badId = tasks.findIndex(({ id }) => id !== undefined && !isTaskId(id));
  if (badId >= 0) return code === 'usage' ? { index: badId, message } : undefined;
  const byId = new Map(tasks.flatMap((task) => (task.id === undefined ? [] : [[task.id, task]])));
  const earlier = new Map<string, string>();
  for (const [index, { id, description, after = [] }] of tasks.entries()) {
    if (id !== undefined) {
      const there = earlier.get(id) ?? (await store.get(id))?.description;
      if (code === 'conflict' && there !== undefined && there !== description) return { index, message };
      if (code === 'usage' && after.includes(id)) return { index, message };
      earlier.set(id, description);
    }
    for (const dependency of code === 'not-found' ? after : []) {
      if (byId.has(dependency) || !message.includes(dependency) || (await store.get(dependency))) continue;
      return { index, message };
    }
  }
  const circle = code === 'usage' ? findCircle(byId.keys(), (id) => byId.get(id)?.after ?? []) : undefined;
  const index = circle ? tasks.findIndex(({ id }) => id !== undefined && circle.includes(id)) : -1;
  return index >= 0 ? { index, message } : undefined;
}
