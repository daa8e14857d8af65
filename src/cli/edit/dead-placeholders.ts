import { placeholdersIn } from '../../model/placeholders.ts';
import type { Task } from '../../model/task.ts';
import { nameSome } from '../format.ts';

/** What to say where an edit took tasks out of `after` for whose results the description still asks; undefined where it did not. */
export function deadPlaceholders(before: Task, after: Task): string | undefined {
  const { id, description, after: left = [] } = after;
  const dead = placeholdersIn({ description, after: before.after }).filter((name) => !left.includes(name));
  if (dead.length === 0) return undefined;
  const names = nameSome(dead.map((name) => `{{${name}}}`));
  const verb = dead.length === 1 ? 'is' : 'are';
  return `${names} in the description of ${id} ${verb} plain text now, since it no longer comes after ${nameSome(dead)}; change --description or --after`;
}
