import type { Command } from 'commander';
import type { ResetSelection } from '../../ports/task-store.ts';
import { contextOf, withStore } from '../context.ts';
import { print, printJson } from '../output.ts';
import { usage } from '../values.ts';

interface ResetOptions {
  all?: boolean;
  yes?: boolean;
}

export function registerReset(program: Command): void {
  program
    .command('reset')
    .description(
      'Takes tasks back to pending, clean: the failed ones and those that a dead run left, or the named ones.',
    )
    .argument('[id...]', 'these tasks, completed ones too')
    .option('--all', 'every task; asks first')
    .option('-y, --yes', 'do not ask')
    .action(reset);
}

async function reset(ids: string[], options: ResetOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  if (options.all && ids.length > 0) throw usage('--all resets every task; leave out the ids');
  await withStore(context, async (store) => {
    if (options.all && !options.yes && !(await agreed())) return print('Nothing was reset.');
    const selection: ResetSelection = options.all ? 'all' : ids.length > 0 ? { ids } : 'failed';
    const tasks = await store.reset(selection);
    if (context.json) return tasks.forEach(printJson);
    if (context.quiet) return;
    const { count, nameSome } = await import('../format.ts');
    if (tasks.length === 0)
      return print(options.all ? 'There is no task.' : 'Nothing to reset: no task is failed or left behind.');
    print(`${count(tasks.length, 'task')} pending again: ${nameSome(tasks.map((task) => task.id))}`);
  });
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw usage('--all drops every result; add --yes to say that this is meant');
  }
  const { createInterface } = await import('node:readline/promises');
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialogue.question('Reset every task, completed ones too? [y/N] ');
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    dialogue.close();
  }
}
