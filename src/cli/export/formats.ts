import type { Task } from '../../model/task.ts';
import { csvLines, metadataFields } from './csv.ts';
import { markdownOf } from './markdown.ts';

export const EXPORT_FORMATS = ['jsonl', 'json', 'csv', 'md'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Gives the tasks anew each time that it is called. */
export type Tasks = () => AsyncIterable<Task>;

/** By the ending of the file's name; one that says nothing means jsonl. */
export function exportFormatOf(path: string): ExportFormat {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase();
  return EXPORT_FORMATS.find((format) => format === ending) ?? 'jsonl';
}

/** The tasks as a text, in lines without their line breaks; of jsonl and json, whole tasks come out that `import` takes. */
export async function* exported(tasks: Tasks, format: ExportFormat): AsyncGenerator<string> {
  if (format === 'csv') return yield* csvLines(tasks(), await metadataFields(tasks()));
  if (format === 'json') return yield* listOf(tasks());
  for await (const task of tasks()) yield format === 'md' ? markdownOf(task) : JSON.stringify(task);
}

async function* listOf(tasks: AsyncIterable<Task>): AsyncGenerator<string> {
  let before: string | undefined;
  yield '[';
  for await (const task of tasks) {
    if (before !== undefined) yield `${before},`;
    before = JSON.stringify(task);
  }
  if (before !== undefined) yield before;
  yield ']';
}
