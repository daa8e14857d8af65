import type { NewTask } from '../../model/task.ts';
import { usage } from '../values.ts';
import type { Input } from './read-text.ts';
import { taskFromRow } from './task-row.ts';

export const FORMATS = ['txt', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

/** A task that is to be added, and where it stands in a file: `tasks.jsonl, line 3`. */
export interface Row {
  task: NewTask;
  place?: string;
}

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
export function parseTasks(input: Input, format: Format): Row[] {
  const rows: Row[] = [];
  for (const [i, line] of input.text.split(/\r?\n/).entries()) {
    const text = line.trim();
    if (text === '') continue;
    const place = `${input.name}, line ${i + 1}`;
    if (format === 'jsonl') rows.push({ task: taskFromRow(parseRow(text, place), place), place });
    else if (!text.startsWith('#')) rows.push({ task: { description: text }, place });
  }
  if (rows.length === 0) throw usage(`${input.name} holds no task; give at least one line`);
  return rows;
}

function parseRow(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`${place}: this is not JSON; give one object a line`);
  }
}
