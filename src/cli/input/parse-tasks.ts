import type { NewTask } from '../../model/task.ts';
import { usage } from '../values.ts';
import type { Input } from './read-text.ts';
import { taskFromRow } from './task-row.ts';

export const FORMATS = ['txt', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

/** Tasks that are to be added, and where each stands. */
export interface Rows {
  tasks: NewTask[];
  /** `tasks.jsonl, line 3`; undefined: it is from no file. */
  placeOf(index: number): string | undefined;
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
export function parseTasks({ name, text }: Input, format: Format): Rows {
  const tasks: NewTask[] = [];
  const lines: number[] = [];
  const placeOf = (line: number) => `${name}, line ${line}`;
  let number = 0;
  for (const whole of text.split('\n')) {
    number++;
    const line = whole.trim();
    if (line === '' || (format === 'txt' && line.startsWith('#'))) continue;
    tasks.push(format === 'txt' ? { description: line } : taskOf(line, placeOf(number)));
    lines.push(number);
  }
  if (tasks.length === 0) throw usage(`${name} holds no task; give at least one line`);
  return { tasks, placeOf: (index) => placeOf(lines[index] ?? 0) };
}

function taskOf(line: string, place: string): NewTask {
  return taskFromRow(parseRow(line, place), place);
}

function parseRow(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`${place}: this is not JSON; give one object a line`);
  }
}
