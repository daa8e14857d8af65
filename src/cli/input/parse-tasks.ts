import type { NewTask } from '../../model/task.ts';
import { usage } from '../values.ts';
import { eachCsvRow } from './csv-rows.ts';
import { eachJsonRow } from './json-rows.ts';
import { eachJsonLine } from './jsonl-rows.ts';
import { eachLine, type Source } from './source.ts';
import { type RowWishes, taskFromRow } from './task-row.ts';

export const FORMATS = ['txt', 'jsonl', 'json', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

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
 * Calls `take` with a task for each row, and the line in which it begins: until the first one that is wrong, which is said with its line. Blank
 * lines are passed over, and in txt those that begin with #. But for json, what is read is never held as one text.
 */
export async function eachTask(
  source: Source,
  format: Format,
  wishes: RowWishes,
  take: (task: NewTask, line: number) => void,
): Promise<void> {
  const placeOf = (line: number) => placeIn(source, line);
  const takesAsIs = !wishes.template && !wishes.keys;
  let isBlank = true;
  await READERS[format](source, (row, line) => {
    const isText = typeof row === 'string' && row.trim() !== '';
    take(isText && takesAsIs ? { description: row } : taskFromRow(row, line, placeOf, wishes), line);
    isBlank = false;
  });
  if (isBlank) throw usage(`${source.name} holds no task; give at least one`);
}

/** `tasks.jsonl, line 3` */
export function placeIn({ name }: Source, line: number): string {
  return `${name}, line ${line}`;
}
