import { setTimeout } from 'node:timers/promises';
import type { Task } from '../../model/task.ts';
import { isPostgres } from '../../stores/postgres/connection/location.ts';
import { requireFile, storeAndConfig } from '../context.ts';
import type { Place } from './place.ts';

/** What values there are. Nothing is changed or waited for to find it out, and what cannot be read holds nothing. */
export interface Known {
  tasks(): Promise<Task[]>;
  models(): Promise<string[]>;
}

/** Bytes of a store's files: whoever presses Tab waits while they are read. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Tasks of a database that are offered, those that were added last, and how many milliseconds they may take. */
const MOST_TASKS = 2000;
const LATE_MS = 3000;

/** Of the store that the line means, or the environment. */
export function knownTo(place: Place, env: NodeJS.ProcessEnv): Known {
  const meant = () =>
    storeAndConfig({ store: given(place, '--store', env), config: given(place, '--config', env) }, env);
  return {
    tasks: () =>
      orNothing(async () => {
        const { store } = await meant();
        if (isPostgres(store)) return tasksOfDatabase(store);
        requireFile(store);
        const { peekAt } = await import('../../stores/json/peek.ts');
        return peekAt(store, MOST_BYTES);
      }),
    models: async () => {
      const { PriceTable } = await import('../../claude/prices.ts');
      const own = await orNothing(async () => Object.entries((await meant()).config?.prices ?? {}));
      return new PriceTable(Object.fromEntries(own)).models();
    },
  };
}

async function tasksOfDatabase(url: string): Promise<Task[]> {
  const { peekAtPostgres } = await import('../../stores/postgres/peek.ts');
  const late = setTimeout(LATE_MS, [], { ref: false });
  return Promise.race([peekAtPostgres(url, MOST_TASKS), late]);
}

async function orNothing<T>(find: () => Promise<T[]>): Promise<T[]> {
  try {
    return await find();
  } catch {
    return [];
  }
}

/** The last value of an option, as the shell would have handed it over. */
function given(place: Place, long: string, env: NodeJS.ProcessEnv): string | undefined {
  const [, value] = [...place.given].find(([option]) => option.long === long) ?? [];
  return value === undefined ? undefined : expanded(value, env);
}

/** What shells do to a path; they leave it undone in a line that is still being typed. */
function expanded(path: string, env: NodeJS.ProcessEnv): string {
  const home = path.replace(/^~(?=\/|$)/, env.HOME ?? '~');
  return home.replace(/\$(?:(\w+)|\{(\w+)\})/g, (all, bare, braced) => env[bare ?? braced] ?? all);
}
