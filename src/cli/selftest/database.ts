import { messageOf, OrchError } from '../../model/errors.ts';
import { TASK_STATUSES } from '../../model/task.ts';
import { PostgresTaskStore } from '../../stores/postgres/postgres-task-store.ts';
import { dropStore, endConnections, requireRoom, scratchUrl } from '../../stores/postgres/scratch.ts';
import { queueSchema } from '../../stores/postgres/tables/names.ts';
import type { Ground, Site } from './ground.ts';
import { inspected, lastTasks } from './inspected.ts';
import { ACKNOWLEDGED } from './job.ts';

/**
 * Schemas of their own in the database of a store.
 * @param store its URL; its own schema is not touched. @throws `store-unusable`: the database cannot be reached, or the role may make no schema there.
 */
export async function inDatabase(store: string): Promise<Ground> {
  await requireRoom(store);
  const name = `orch_selftest_${Date.now().toString(36)}${process.pid.toString(36)}`;
  const schemas = new Set<string>();
  return {
    moments: ACKNOWLEDGED,
    mishap: 'disconnect',
    newSite(number) {
      const schema = `${name}_${number}`;
      schemas.add(schema);
      return siteAt(scratchUrl(store, schema, name), name, () => schemas.delete(schema));
    },
    async leave(violations) {
      const left = () => [...schemas].flatMap((schema) => [schema, queueSchema(schema)]);
      if (violations > 0) return { schemas: left() };
      try {
        for (const schema of schemas) await dropStore(scratchUrl(store, schema, name));
      } catch (error) {
        const message = `${messageOf(error)}. What is left of the self-test is in the schemas ${left().join(', ')}: drop them when the database is there again`;
        throw new OrchError('store-unusable', message, { cause: error });
      }
      return {};
    },
  };
}

/** @param name of the connections of the workers. */
function siteAt(url: string, name: string, onRemoved: () => void): Site {
  return {
    store: url,
    suffer: () => endConnections(url, name),
    inspect: (violations) =>
      inspected(violations, async () => {
        const store = await PostgresTaskStore.connect(url, { create: false });
        const kept = await store.counts();
        const tasks = await lastTasks(store);
        for (const status of TASK_STATUSES) {
          const there = tasks.filter((task) => task.status === status).length;
          if (kept[status] === there) continue;
          const message = `It counts ${kept[status]} tasks that are ${status}, and has ${there}`;
          violations.push({ rule: 'store', message });
        }
        return tasks;
      }),
    async remove() {
      await dropStore(url);
      onRemoved();
    },
  };
}
