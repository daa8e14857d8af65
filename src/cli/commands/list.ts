import type { Command } from 'commander';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { type Context, contextOf, hint, remark, withStore } from '../context.ts';
import { withHelp } from '../help.ts';
import { listLines } from '../list-lines.ts';
import { isRead, print, printJson } from '../output.ts';
import { addSelectors, type SelectOptions, selectionOf, selectTasks } from '../select.ts';
import { columnsOf } from '../terminal.ts';
import { parsed, wholeNumber } from '../values.ts';
import { unbroken } from '../wrap.ts';

interface ListOptions extends SelectOptions {
  limit?: number;
}

export function registerList(program: Command): void {
  const command = program
    .command('list')
    .summary('one task a line')
    .description('Prints one task a line, in the order they were added.')
    .argument('[id...]', 'only these: ids, or ranges such as task-010..task-020');
  addSelectors(command)
    .option('--limit <n>', 'at most n', parsed('--limit', wholeNumber(1)))
    .action(list);
  withHelp(command, {
    examples: ['orch list --status failed,pending', 'orch list task-010..task-020 --tag docs'],
  });
}

async function list(words: string[], options: ListOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const { limit = Infinity } = options;
  await withStore(context, async (store) => {
    const tasks = first(limit, selectTasks(store, selectionOf(words, options)));
    const shown = context.json ? await printTasks(tasks) : await printLines(tasks, store, context);
    if (shown === 0) remark(context, await nothingFound(context, store));
  });
}

/** @returns how many were printed before nobody read them any more. */
async function printTasks(tasks: AsyncIterable<Task>): Promise<number> {
  let count = 0;
  for await (const task of tasks) {
    printJson(task);
    count += 1;
    if (!isRead()) break;
  }
  return count;
}

/** @returns likewise. */
async function printLines(tasks: AsyncIterable<Task>, store: TaskStore, { paint }: Context): Promise<number> {
  let count = 0;
  for await (const line of listLines(tasks, store, { paint, columns: columnsOf(process.stdout) })) {
    print(line);
    count += 1;
    if (!isRead()) break;
  }
  return count;
}

async function* first<T>(most: number, items: AsyncIterable<T>): AsyncGenerator<T> {
  let count = 0;
  for await (const item of items) {
    yield item;
    count += 1;
    if (count >= most) return;
  }
}

async function nothingFound(context: Context, store: TaskStore): Promise<string> {
  return (await store.counts()).total === 0
    ? `There are no tasks; ${unbroken(hint(context, 'add'))} adds one`
    : `No task matches; ${unbroken(hint(context, 'list'))} without options shows all`;
}
