import type { Task } from '../../model/task.ts';
import { usage } from '../values.ts';
import { isBatchRequest, type RequestedTask, taskOfRequest } from './batch-request.ts';
import { eachJsonRow } from './json-rows.ts';
import { eachJsonLine } from './jsonl-rows.ts';
import type { Source } from './source.ts';
import { wholeTask } from './whole-tasks.ts';

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

/** Either whole tasks, or those that batch requests come to. */
export interface Import {
  tasks: Task[];
  requested: RequestedTask[];
  /** How messages call the place of one of them. */
  placeOf(index: number): string;
}

/**
 * @param read called for each row.
 * @throws `usage`: a row is neither, or another than the first one is, with its line; two requests have one `custom_id`.
 */
export async function readImport(source: Source, format: ImportFormat, read: () => void): Promise<Import> {
  const tasks: Task[] = [];
  const requested: RequestedTask[] = [];
  const lines: number[] = [];
  const customIds = new Map<string, number>();
  const placeOf = (line: number) => `${source.name}, line ${line}`;

  const takeRequest = (row: object, line: number) => {
    const task = taskOfRequest(row, placeOf(line));
    const first = customIds.get(task.id);
    if (first !== undefined)
      throw usage(
        `${placeOf(line)}: the custom_id ${task.id} is in line ${first} already; each request needs its own`,
      );
    customIds.set(task.id, line);
    requested.push(task);
  };

  const eachRow = format === 'json' ? eachJsonRow : eachJsonLine;
  await eachRow(source, (row, line) => {
    const isRequest = isBatchRequest(row);
    if (lines.length > 0 && isRequest !== requested.length > 0)
      throw usage(`${placeOf(line)}: whole tasks and batch requests cannot be in one file; split it`);
    if (isRequest) takeRequest(row, line);
    else tasks.push(wholeTask(row, placeOf(line)));
    lines.push(line);
    read();
  });
  return { tasks, requested, placeOf: (index) => placeOf(lines[index] ?? 0) };
}
