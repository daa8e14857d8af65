import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Command } from 'commander';
import { TASK_STATUSES, type Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { hasPlaceForBoard } from '../board/place.ts';
import { contextOf, remark, withStore } from '../context.ts';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  exported,
  exportFormatOf,
  type Tasks,
} from '../export/formats.ts';
import { count } from '../format.ts';
import { withHelp } from '../help.ts';
import { isRead, printData, redacted } from '../output.ts';
import { writeLines } from '../output-file.ts';
import { showProgress } from '../progress.ts';
import {
  addSelectors,
  type Selection,
  type SelectOptions,
  selectIds,
  selectionOf,
  selectTasks,
} from '../select.ts';
import { refuseStore } from '../store-place.ts';
import { contradiction, oneOf, parsed, someText } from '../values.ts';

/** So many tasks are written before something else has its turn. */
const TURN = 1_000;

interface ExportOptions extends SelectOptions {
  format?: ExportFormat;
  output?: string;
}

export function registerExport(program: Command): void {
  const command = program
    .command('export')
    .description('Writes tasks out: whole (jsonl, json), or for spreadsheets (csv) and readers (md).')
    .argument('[id...]', 'only these: ids, or ranges such as task-010..task-020');
  addSelectors(command)
    .option(
      '--format <format>',
      `${EXPORT_FORMATS.join(', ')}; default: by the ending of -o, else jsonl`,
      parsed('--format', oneOf(EXPORT_FORMATS)),
    )
    .option('-o, --output <path>', 'a file, written whole or not at all', parsed('--output', someText))
    .action(exportTasks);
  withHelp(command, {
    examples: [
      'orch export --status completed -o results.csv',
      'orch export | orch --store other.json import',
    ],
  });
}

async function exportTasks(words: string[], options: ExportOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const { output } = options;
  const format = options.format ?? (output === undefined ? 'jsonl' : exportFormatOf(output));
  const isJson = format === 'jsonl' || format === 'json';
  if (context.json && !isJson && output === undefined) throw contradiction('--json', `--format ${format}`);
  if (output !== undefined) refuseStore(output, context.store);
  await withStore(context, async (store) => {
    // Unknown ones are told before anything is written.
    if (words.length > 0) await selectIds(store, { words });
    // Lines that scroll by on the same terminal say how far it is; behind a pipe another command may write to it.
    const isFile = output !== undefined || (!process.stdout.isTTY && hasPlaceForBoard(context.env));
    const progress = showProgress({ ...context, quiet: context.quiet || !isFile });
    const selection = selectionOf(words, options);
    const total = isFile ? await totalOf(store, selection) : undefined;
    // Of csv the columns are looked for first.
    const passes = format === 'csv' ? 2 : 1;
    let seen = 0;
    progress.howFar = () => {
      const written = Math.floor(seen / passes);
      return { text: count(written, 'task'), share: total && written / total };
    };
    const tasks: Tasks = () => counted(selectTasks(store, selection), () => ++seen);
    try {
      if (output === undefined) await printLines(exported(tasks, format));
      else await writeLines(output, redactedLines(exported(tasks, format)));
    } finally {
      progress.end();
    }
    if (seen === 0) remark(context, 'No task matches; nothing was exported');
  });
}

/** How many tasks it will be; undefined where they would have to be looked at for that. */
async function totalOf(
  store: TaskStore,
  { words = [], statuses = TASK_STATUSES, tags }: Selection,
): Promise<number | undefined> {
  if (words.length > 0 || tags) return undefined;
  const counts = await store.counts();
  return statuses.reduce((sum, status) => sum + counts[status], 0);
}

async function printLines(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) {
    if (!isRead()) return;
    printData(line);
  }
}

async function* redactedLines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield redacted(line);
}

/** @param seen says how many there were. */
async function* counted(tasks: AsyncIterable<Task>, seen: () => number): AsyncGenerator<Task> {
  for await (const task of tasks) {
    // Nothing else has its turn as long as no file is waited for.
    if (seen() % TURN === 0) await nextTurn();
    yield task;
  }
}
