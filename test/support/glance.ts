import type { TaskStore } from '../../src/ports/task-store.ts';
import { listed } from './store-parts.ts';

/** A survey as two stores can be compared by it. @param runs of which it is compared what they did. */
export async function glance(store: TaskStore, runs: readonly string[]) {
  const { works, running, ...found } = await store.survey({ most: 100 });
  const did = runs.map((id) => {
    const work = works.get(id);
    return [id, work?.held ?? 0, work?.completed ?? 0, work?.failed ?? 0, work?.retried ?? 0];
  });
  // Each store gives tokens of its own.
  return JSON.parse(JSON.stringify({ ...found, running: running.map(({ id }) => id), did }));
}

/** What is before each pending task. */
export async function allAhead(store: TaskStore) {
  const pending = await listed(store, { status: 'pending' });
  return Promise.all(pending.map(async ({ id }) => [id, await store.ahead(id)]));
}
