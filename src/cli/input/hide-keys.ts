import { withoutKeys } from '../../claude/redact.ts';
import { Secrets } from '../../claude/secrets.ts';
import { count } from '../format.ts';
import { note } from '../output.ts';

/**
 * What is given without the credentials of this environment, which are not to be kept; what has none is the same object. Says so
 * where there were any.
 * @param subject what held them, by how many: `2 tasks`
 */
export function hideKeys<T extends object>(
  given: T[],
  env: NodeJS.ProcessEnv,
  subject = (number: number) => count(number, 'task'),
): T[] {
  const keys = new Secrets(env).keys();
  if (keys.length === 0) return given;
  const kept = given.map((each) => (holdsAny(each, keys) ? (hidden(each, keys) as T) : each));
  const changed = kept.filter((each, i) => each !== given[i]).length;
  if (changed > 0)
    note(`${subject(changed)} held a credential of this environment: [redacted] is kept in its place`);
  return kept;
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
