import { isDeepStrictEqual } from 'node:util';
import { OrchError } from '../../model/errors.ts';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Import } from './read-import.ts';
import { withPlace } from './refused-row.ts';

/** Puts what was read into a store: all of it or nothing. @returns the tasks that were not there. */
export async function takeImport(store: TaskStore, { tasks, requested, placeOf }: Import): Promise<Task[]> {
  if (requested.length === 0) {
    return store.import(tasks).catch((error: unknown) => {
      throw withPlace(error, placeOf);
    });
  }
  const there = new Set<string>();
  for (const [index, { id, description, metadata }] of requested.entries()) {
    const task = await store.get(id);
    if (!task) continue;
    there.add(id);
    if (task.description === description && isDeepStrictEqual(task.metadata, metadata)) continue;
    const message = `Task ${id} is in the store already, with another content; remove that one first, or leave this one out`;
    throw new OrchError('conflict', `${placeOf(index)}: ${message}`);
  }
  const added = await store.add(requested).catch((error: unknown) => {
    throw withPlace(error, placeOf);
  });
  return added.filter(({ id }) => !there.has(id));
}
