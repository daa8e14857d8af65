import { placesIn } from '../../model/placeholders.ts';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { type Context, hint } from '../context.ts';
import { nameSome } from '../format.ts';
import { unbroken } from '../wrap.ts';

/** What to say of a new task whose description names other tasks in braces without coming after them; undefined where it does not. */
export async function plainPlaces(
  { id, description, after = [] }: Task,
  store: TaskStore,
  context: Context,
): Promise<string | undefined> {
  const there: string[] = [];
  for (const name of placesIn(description))
    if (!after.includes(name) && name !== id && (await store.get(name))) there.push(name);
  if (there.length === 0) return undefined;
  const names = nameSome(there.map((name) => `{{${name}}}`));
  const edit = unbroken(hint(context, `edit ${id} --after ${[...after, ...there].join(',')}`));
  return `${names} in the description of ${id} stays as it is, since it does not come after ${nameSome(there)}; ${edit} changes that`;
}
