import type { TaskStore } from '../../src/ports/task-store.ts';
import { JsonTaskStore, type JsonTaskStoreOptions } from '../../src/stores/json/json-task-store.ts';
import { isPostgres } from '../../src/stores/postgres/connection/location.ts';
import { PostgresTaskStore } from '../../src/stores/postgres/postgres-task-store.ts';

/** The store at a path or a URL; made where there is none. @param options for a file */
export function openStore(place: string, options: JsonTaskStoreOptions = {}): Promise<TaskStore> {
  if (isPostgres(place)) return PostgresTaskStore.connect(place);
  return JsonTaskStore.open(place, { create: true, ...options });
}
