import type { Task } from '../model/task.ts';
import { firstBytes } from '../process/bounded.ts';

/** Longest text in events and in `status`, in bytes of UTF-8. */
export const MAX_TEXT = 4096;

/** A task as events and `status` carry it: without its history, long texts cut, and their names in `truncated`. */
export function briefTask(task: Task): object {
  const { history: _, ...rest } = task;
  return cutTexts(rest);
}

/** A copy in which no text is longer than 4 kB; `truncated` names those that were, as `result.output`. */
export function cutTexts(object: object): object {
  const truncated: string[] = [];
  const copy = cutIn(object, '', truncated) as object;
  return truncated.length > 0 ? { ...copy, truncated } : copy;
}

function cutIn(value: unknown, path: string, truncated: string[]): unknown {
  if (typeof value === 'string') {
    const short = cutText(value);
    if (short !== value) truncated.push(path);
    return short;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each, i) => cutIn(each, `${path}.${i}`, truncated));
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    cutIn(each, path ? `${path}.${key}` : key, truncated),
  ]);
  return Object.fromEntries(entries);
}

function cutText(text: string): string {
  // No character takes more than 3 bytes for each of its UTF-16 units.
  return text.length * 3 <= MAX_TEXT ? text : firstBytes(Buffer.from(text), MAX_TEXT);
}
