import type { Task } from './task.ts';

/** Ids are made of these characters alone. */
const PLACEHOLDER = /\{\{([A-Za-z0-9._-]{1,64})\}\}/g;

/** The ids in `after` whose results its description asks for, as `{{task-001}}`: each once, in the order of the text. */
export function placeholdersIn({ description, after = [] }: Pick<Task, 'description' | 'after'>): string[] {
  if (after.length === 0 || !description.includes('{{')) return [];
  const known = new Set(after);
  return placesIn(description).filter((id) => known.has(id));
}

/** What a text names so, whether there are such tasks or not. */
export function placesIn(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map(([, id = '']) => id))];
}

/** The text with `fill`'s answer in the place of each placeholder; where it gives none, the placeholder stays as it is. */
export function replacePlaceholders(text: string, fill: (id: string) => string | undefined): string {
  return text.replace(PLACEHOLDER, (whole, id: string) => fill(id) ?? whole);
}
