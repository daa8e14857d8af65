import type { TaskStore } from '../../ports/task-store.ts';
import { type Context, hint } from '../context.ts';
import { noteFitted } from '../fitted-lines.ts';
import { MOST_TYPED, nameSome } from '../format.ts';
import { type Selection, selectsAll, selectTasks } from '../select.ts';
import { unbroken } from '../wrap.ts';

/** The ids of the tasks that a run is to work on; undefined: all. What it cannot start is told. @throws as `selectTasks` */
export async function selectedToRun(
  context: Context,
  store: TaskStore,
  selection: Selection,
): Promise<ReadonlySet<string> | undefined> {
  if (selectsAll(selection)) return undefined;
  const ids = new Set<string>();
  const failed: string[] = [];
  for await (const { id, status } of selectTasks(store, selection)) {
    ids.add(id);
    if (status === 'failed') failed.push(id);
  }
  if (ids.size === 0) noteFitted('No task matches; nothing is run');
  if (failed.length > 0) {
    const retry = unbroken(
      hint(context, `retry ${failed.length > MOST_TYPED ? '--status failed' : failed.join(' ')}`),
    );
    noteFitted(`Failed already, and not run: ${nameSome(failed)}; ${retry} gives one more round`);
  }
  return ids;
}
