import { withoutKeys } from '../../claude/redact.ts';
import { Secrets } from '../../claude/secrets.ts';
import { noteFitted } from '../fitted-lines.ts';
import { count } from '../format.ts';

/**
 * What is given without the credentials of this environment, which are not to be kept; what has none is the same object. Says so
 * where there were any.
 * @param subject what held them, by how many: `2 tasks`
 */
export function hideKeys<T extends object>(
  given: T[],
  env: NodeJS.ProcessEnv,
  subject?: (number: number) => string,
): T[] {
  const hide = keyHider(env);
  const kept = given.map(hide);
  tellHidden(kept.filter((each, i) => each !== given[i]).length, subject);
  return kept;
}

/** For what is given one by one: what this returns takes credentials out likewise, and says nothing. */
export function keyHider(env: NodeJS.ProcessEnv): <T extends object>(given: T) => T {
  const keys = new Secrets(env).keys();
  return (given) => (holdsAny(given, keys) ? (hidden(given, keys) as typeof given) : given);
}

/** @param number how many held credentials. */
export function tellHidden(number: number, subject = (number: number) => count(number, 'task')): void {
  if (number > 0)
    noteFitted(`${subject(number)} held a credential of this environment: [redacted] is kept in its place`);
}

function holdsAny(value: unknown, keys: string[]): boolean {
  if (keys.length === 0) return false;
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
