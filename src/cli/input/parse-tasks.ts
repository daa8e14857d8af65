import type { NewTask } from '../../model/task.ts';
import { usage } from '../values.ts';
import type { Input } from './read-text.ts';
import { taskFromRow } from './task-row.ts';

export const FORMATS = ['txt', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

/** By the ending of the file's name. One that says neither is refused rather than taken for lines of text. */
export function formatOf(path: string): Format {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'jsonl' || ending === 'ndjson') return 'jsonl';
  if (ending === 'json' || ending === 'csv') {
    throw usage(
      `${path} looks like ${ending}, which cannot be read; convert it to jsonl, or say --format txt for a task a line`,
    );
  }
  return 'txt';
}

/** A task a line; blank lines are passed over, and in txt those that begin with #. Errors carry the line's number. */
export function parseTasks(input: Input, format: Format): NewTask[] {
  const tasks: NewTask[] = [];
  for (const [i, line] of input.text.split(/\r?\n/).entries()) {
    const text = line.trim();
    if (text === '') continue;
    if (format === 'jsonl') tasks.push(taskFromRow(parseRow(text, where(input, i)), where(input, i)));
    else if (!text.startsWith('#')) tasks.push({ description: text });
  }
  if (tasks.length === 0) throw usage(`${input.name} holds no task; give at least one line`);
  return tasks;
}

function where(input: Input, index: number): string {
  return `${input.name}, line ${index + 1}`;
}

function parseRow(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`${place}: this is not JSON; give one object a line`);
  }
}
