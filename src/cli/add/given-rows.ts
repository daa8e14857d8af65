import { NumberList } from '../../model/number-list.ts';
import type { NewTask } from '../../model/task.ts';
import { eachTask, formatOf, placeIn } from '../input/parse-tasks.ts';
import { readText } from '../input/read-text.ts';
import { RowKeys } from '../input/row-keys.ts';
import { openSource } from '../input/source.ts';
import { Template } from '../input/template.ts';
import { type Progress, readSoFar } from '../progress.ts';
import { keepSmall } from '../run/heap.ts';
import { usage } from '../values.ts';
import type { AddOptions } from './options.ts';

/** Calls `take` with each task that it is given. */
export interface Rows {
  each(take: (task: NewTask) => void): Promise<void>;
  /** Where one of them stands: `tasks.jsonl, line 3`; undefined: it is from no file. */
  placeOf(index: number): string | undefined;
}

/** The tasks that the command line, a file or standard input gives. @throws `usage`, as reading them does */
export async function rowsOf(words: string[], options: AddOptions, progress: Progress): Promise<Rows> {
  const file = words.length === 1 && words[0] === '-' ? '-' : options.file;
  const sources = [words.length > 0, options.file !== undefined, options.descriptionFile !== undefined];
  if (sources.filter(Boolean).length !== 1) {
    throw usage('Give one of: a description, - for standard input, -f <file>, or --description-file <path>');
  }
  if (file !== undefined) return rowsOfFile(file, options, progress);
  if (options.format) throw usage('--format says how a file is read; give -f <file> or - with it');
  if (options.template !== undefined || options.key !== undefined)
    throw usage('--template and --key are for the rows of a file; give -f <file> or - with them');
  const task = { description: await description(words, options.descriptionFile) };
  return { each: async (take) => take(task), placeOf: () => undefined };
}

async function rowsOfFile(path: string, options: AddOptions, progress: Progress): Promise<Rows> {
  if (options.id !== undefined)
    throw usage(
      '--id names one task; --key makes an id of a field, and in a file each task can have an "id"',
    );
  const format = options.format ?? formatOf(path);
  const source = await openSource(path);
  const lines = new NumberList();
  const each = async (take: (task: NewTask) => void) => {
    keepSmall();
    progress.howFar = () => readSoFar(source, lines.length);
    const wishes = {
      template: options.template === undefined ? undefined : new Template(options.template),
      keys: options.key === undefined ? undefined : new RowKeys(options.key),
      after: options.after,
    };
    await eachTask(source, format, wishes, (task, line) => {
      lines.push(line);
      take(task);
    });
  };
  return { each, placeOf: (index) => placeIn(source, lines.at(index) ?? 0) };
}

async function description(words: string[], path: string | undefined): Promise<string> {
  if (path === undefined) return notBlank(words.join(' '), 'The description');
  const { text, name } = await readText(path);
  return notBlank(text, name);
}

function notBlank(text: string, name: string): string {
  if (text.trim() === '') throw usage(`${name} is blank; say what is to be done`);
  return text;
}
