import type { Command } from 'commander';
import { agrees, canAsk } from '../ask.ts';
import { contextOf, withStore } from '../context.ts';
import { count, nameSome } from '../format.ts';
import { note, print, printJson } from '../output.ts';
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
  const say = (line: string) => {
    if (!context.json && !context.quiet) print(line);
  };
  await withStore(context, async (store) => {
    if (options.all && !options.yes && !(await agreed())) return say('Nothing was reset');
    const tasks = await store.reset(options.all ? 'all' : ids.length > 0 ? { ids } : 'failed');
    const changed = tasks.map((task) => task.id);
    if (context.json) tasks.forEach(printJson);
    else if (tasks.length > 0) say(`${count(tasks.length, 'task')} pending again: ${nameSome(changed)}`);
    else if (options.all) say('Nothing to reset: every task is pending, or there is none');
    else if (ids.length === 0) say('Nothing to reset: no task is failed or left behind');
    for (const id of new Set(ids)) if (!changed.includes(id)) note(`${id} is pending already`);
  });
}

async function agreed(): Promise<boolean> {
  if (!canAsk()) throw usage('--all drops every result; add --yes to say that this is meant');
  return agrees('Reset every task, completed ones too?');
}
