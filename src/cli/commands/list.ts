import type { Command } from 'commander';
import { TASK_STATUSES, type Task, type TaskStatus } from '../../model/task.ts';
import type { ListFilter, TaskStore } from '../../ports/task-store.ts';
import { type Context, contextOf, withStore } from '../context.ts';
import { isRead, note, print, printJson } from '../output.ts';
import { columnsOf } from '../terminal.ts';
import { oneOf, parsed, wholeNumber } from '../values.ts';

export function registerList(program: Command): void {
  program
    .command('list')
    .description('Prints one task a line, in the order they were added.')
    .option(
      '--status <status>',
      `only these: ${TASK_STATUSES.join(', ')}`,
      parsed('--status', oneOf(TASK_STATUSES)),
    )
    .option('--tag <tag>', 'only those with this tag')
    .option('--limit <n>', 'at most n', parsed('--limit', wholeNumber(1)))
    .action(list);
}

async function list(options: ListFilter, command: Command): Promise<void> {
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    let any = false;
    const line = context.json ? undefined : await taskLine(context, store);
    for await (const task of store.list(options)) {
      if (!isRead()) return;
      any = true;
      line ? print(await line(task)) : printJson(task);
    }
    if (!any && !context.json && !context.quiet) note('No such task is in the store.');
  });
}

async function taskLine(context: Context, store: TaskStore): Promise<(task: Task) => Promise<string>> {
  const { errorText, SYMBOLS, statusWord } = await import('../format.ts');
  const { oneLine, padded } = await import('../safe-text.ts');
  const { green, red, yellow, cyan } = context.paint;
  const width = columnsOf(process.stdout);
  const colours = { pending: (text: string) => text, in_progress: cyan, completed: green, failed: red };
  let statuses: Map<string, TaskStatus> | undefined;
  return async (task) => {
    if (task.status === 'pending' && task.after) statuses ??= await statusesIn(store);
    const waits = waitsFor(task, statuses);
    const word = waits.length > 0 ? `blocked by ${waits.join(', ')}` : statusWord(task);
    const colour = waits.length > 0 || word.endsWith('unverified') ? yellow : colours[task.status];
    const start = `${SYMBOLS[task.status]} ${padded(task.id, 9)}  ${padded(word, 9)}`;
    const reason = task.error ? ` - ${errorText(task)}` : '';
    const room = Math.max(0, width - start.length - 2);
    return `${colour(start)}  ${oneLine(task.description + reason, room)}`;
  };
}

async function statusesIn(store: TaskStore): Promise<Map<string, TaskStatus>> {
  const statuses = new Map<string, TaskStatus>();
  for await (const { id, status } of store.list()) statuses.set(id, status);
  return statuses;
}

function waitsFor({ status, after = [] }: Task, statuses?: ReadonlyMap<string, TaskStatus>): string[] {
  return status === 'pending' ? after.filter((id) => statuses?.get(id) !== 'completed') : [];
}
