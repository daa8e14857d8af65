import { withoutKeys } from '../../claude/redact.ts';
import { Secrets } from '../../claude/secrets.ts';

/** The tasks without the credentials of this environment, which are not to be kept; those that have none are the same objects. */
export function hideKeys<T extends object>(tasks: T[], env: NodeJS.ProcessEnv): T[] {
  const keys = new Secrets(env).keys();
  if (keys.length === 0) return tasks;
  return tasks.map((task) => (holdsAny(task, keys) ? (hidden(task, keys) as T) : task));
}

function holdsAny(value: unknown, keys: string[]): boolean {
  if (typeof value === 'string') return keys.some((key) => value.includes(key));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, each]) => holdsAny(name, keys) || holdsAny(each, keys));
}

function hidden(value: unknown, keys: string[]): unknown {
  if (typeof value === 'string') return withoutKeys(value, keys);
  if (Array.isArray(value)) return value.map((each) => hidden(each, keys));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [withoutKeys(name, keys), hidden(each, keys)]),
  );
}
