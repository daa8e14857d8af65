import type { Task } from '../../model/task.ts';
import { usage } from '../values.ts';
import { eachJsonRow } from './json-rows.ts';
import { eachJsonLine } from './jsonl-rows.ts';
import type { Source } from './source.ts';
import { wholeTask, withLine } from './whole-tasks.ts';

export const IMPORT_FORMATS = ['jsonl', 'json'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** By the ending of the file's name. */
export function importFormatOf(path: string): ImportFormat {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'csv' || ending === 'md')
    throw usage(
      `${path} looks like ${ending}, which does not hold whole tasks; export them as jsonl or json`,
    );
  return ending === 'json' ? 'json' : 'jsonl';
}

export interface Import {
  tasks: Task[];
  /** What a store says against them, with the line of the one at fault. */
  withPlace(error: unknown): unknown;
}

/** @param read called for each task. @throws `usage`: a row is none, with its line; there is none. */
export async function readImport(source: Source, format: ImportFormat, read: () => void): Promise<Import> {
  const tasks: Task[] = [];
  const lines: number[] = [];
  const placeOf = (line: number) => `${source.name}, line ${line}`;
  const eachRow = format === 'json' ? eachJsonRow : eachJsonLine;
  await eachRow(source, (row, line) => {
    tasks.push(wholeTask(row, placeOf(line)));
    lines.push(line);
    read();
  });
  return { tasks, withPlace: (error) => withLine(error, tasks, (index) => placeOf(lines[index] ?? 0)) };
}
