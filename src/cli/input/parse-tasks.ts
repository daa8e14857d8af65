import type { NewTask } from '../../model/task.ts';
import { usage } from '../values.ts';
import { eachCsvRow } from './csv-rows.ts';
import { eachJsonRow } from './json-rows.ts';
import { eachJsonLine } from './jsonl-rows.ts';
import { eachLine, type Source } from './source.ts';
import { type RowWishes, taskFromRow } from './task-row.ts';

export const FORMATS = ['txt', 'jsonl', 'json', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Tasks that are to be added, and where each stands. */
export interface Rows {
  tasks: NewTask[];
  /** `tasks.jsonl, line 3`; undefined: it is from no file. */
  placeOf(index: number): string | undefined;
}

/** By the ending of the file's name; one that says nothing means lines of text. */
export function formatOf(path: string): Format {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'ndjson') return 'jsonl';
  return FORMATS.find((format) => format === ending) ?? 'txt';
}

/** Calls `take` with each row and the number of the line in which it begins. A text is a row with a description alone. */
type Reader = (source: Source, take: (row: unknown, line: number) => void) => Promise<void>;

const READERS: Record<Format, Reader> = {
  txt: (source, take) =>
    eachLine(source, (whole, line) => {
      const text = whole.trim();
      if (text !== '' && !text.startsWith('#')) take(text, line);
    }),
  jsonl: eachJsonLine,
  json: eachJsonRow,
  csv: eachCsvRow,
};

/**
 * A task a row: all of them, or an error that says in which line the first one is wrong. Blank lines are passed over, and in txt those
 * that begin with #. But for json, what is read is never held as one text.
 * @param read called after each row, with how many there are.
 */
export async function readTasks(
  source: Source,
  format: Format,
  wishes: RowWishes = {},
  read: (count: number) => void = () => {},
): Promise<Rows> {
  const tasks: NewTask[] = [];
  const lines: number[] = [];
  const placeOf = (line: number) => `${source.name}, line ${line}`;
  const takesAsIs = !wishes.template && !wishes.keys;
  await READERS[format](source, (row, line) => {
    const isText = typeof row === 'string' && row.trim() !== '';
    tasks.push(isText && takesAsIs ? { description: row } : taskFromRow(row, line, placeOf, wishes));
    read(lines.push(line));
  });
  if (tasks.length === 0) throw usage(`${source.name} holds no task; give at least one`);
  return rowsOf(tasks, lines, source.name);
}

/** Apart from what reading needed: ids by key and the like are many, and are not kept so. */
function rowsOf(tasks: NewTask[], lines: number[], name: string): Rows {
  return { tasks, placeOf: (index) => `${name}, line ${lines[index] ?? 0}` };
}
