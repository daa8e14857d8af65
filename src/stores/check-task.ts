import { messageOf, OrchError } from '../model/errors.ts';
import type { Task } from '../model/task.ts';
import { type JsonPath, Mismatch } from './shape.ts';
import { isTask } from './task-shape.ts';

/**
 * Refuses what could not be read again: a task is checked as its reader will check it, before it is kept. Of its
 * history the last attempt alone is looked at: the others have been there before.
 * @throws `usage`
 */
export function checkTask({ history, ...task }: Task): void {
  const last = history.length - 1;
  try {
    const attempts = history.slice(-1).map((attempt) => asRead(attempt, ['history', 0]));
    isTask({ ...asRead(task, []), history: attempts });
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const place = error.path.map((key, i) => (i === 1 && error.path[0] === 'history' ? last : key));
    const at = place.length > 0 ? ` at ${placeName(place)}` : '';
    const message = `Task ${task.id} cannot be saved${at}: ${error.message}; correct what gave that value`;
    throw new OrchError('usage', message, { cause: error });
  }
}

/** What comes of an object that is written as JSON and read again. */
function asRead(value: object, path: JsonPath): object {
  const read: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const text = textOf(field, [...path, key]);
    if (text !== undefined) read[key] = JSON.parse(text);
  }
  return read;
}

function textOf(field: unknown, path: JsonPath): string | undefined {
  try {
    return JSON.stringify(field);
  } catch (error) {
    // Circular, a BigInt, or nested too deeply. What V8 says of a circle has several lines.
    const [why = ''] = messageOf(error).split('\n');
    throw new Mismatch(`JSON cannot hold this (${why})`, path);
  }
}

function placeName(path: JsonPath): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');
}
