import type { Command } from 'commander';
import type { Task } from '../../model/task.ts';
import { type Context, contextOf, remark, withStore } from '../context.ts';
import { noteFitted } from '../fitted-lines.ts';
import { count } from '../format.ts';
import { withHelp } from '../help.ts';
import { hideKeys } from '../input/hide-keys.ts';
import {
  IMPORT_FORMATS,
  type Import,
  type ImportFormat,
  importFormatOf,
  readImport,
} from '../input/read-import.ts';
import { openSource } from '../input/source.ts';
import { takeImport } from '../input/take-import.ts';
import { print, printJson } from '../output.ts';
import { type Progress, readSoFar, showProgress } from '../progress.ts';
import { keepSmall } from '../run/heap.ts';
import { oneOf, parsed } from '../values.ts';

interface ImportOptions {
  format?: ImportFormat;
}

export function registerImport(program: Command): void {
  const command = program
    .command('import')
    .description(
      'Takes whole tasks, as orch export writes them, or batch requests; prints the ids of those that are new.',
    )
    .argument('[file]', 'jsonl, or json by its ending; - or nothing is standard input')
    .option(
      '--format <format>',
      `${IMPORT_FORMATS.join(' or ')}, where the ending does not say it`,
      parsed('--format', oneOf(IMPORT_FORMATS)),
    )
    .action(importTasks);
  withHelp(command, { examples: ['orch import tasks.jsonl', 'orch --store old.json export | orch import'] });
}

async function importTasks(path = '-', options: ImportOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const progress = showProgress(context);
  try {
    const { fresh, passedOver } = await importAll(path, options, context, progress);
    progress.end();
    if (context.json) for (const task of fresh) printJson(task);
    else if (fresh.length > 0) print(fresh.map(({ id }) => id).join('\n'));
    if (fresh.length + passedOver === 0) noteFitted('There is no task in it; nothing was imported');
    if (passedOver > 0) remark(context, `${count(passedOver, 'task')} there already, unchanged`);
  } finally {
    progress.end();
  }
}

async function importAll(
  path: string,
  options: ImportOptions,
  context: Context,
  progress: Progress,
): Promise<{ fresh: Task[]; passedOver: number }> {
  keepSmall();
  const format = options.format ?? importFormatOf(path);
  const source = await openSource(path);
  let rows = 0;
  progress.howFar = () => readSoFar(source, rows);
  const read = await readImport(source, format, () => rows++);
  const taken = withoutKeys(read, context);
  progress.howFar = () => ({ text: `importing ${count(rows, 'task')}` });
  return withStore(
    context,
    async (store) => {
      const fresh = await takeImport(store, taken);
      return { fresh, passedOver: rows - fresh.length };
    },
    { create: true },
  );
}

function withoutKeys(read: Import, { env }: Context): Import {
  return { ...read, tasks: hideKeys(read.tasks, env), requested: hideKeys(read.requested, env) };
}
