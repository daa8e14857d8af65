import type { Command } from 'commander';
import { contextOf, withStore } from '../context.ts';
import { STATUS_WORDS } from '../format.ts';
import { note, print, printJson } from '../output.ts';

export function registerCancel(program: Command): void {
  program
    .command('cancel')
    .description('Ends pending and running tasks as failed: cancelled.')
    .argument('<id...>', 'the tasks')
    .action(cancel);
}

async function cancel(ids: string[], _options: object, command: Command): Promise<void> {
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    const tasks = await store.cancel(ids);
    const cancelled = new Set(tasks.map((task) => task.id));
    for (const task of tasks) {
      if (context.json) printJson(task);
      else if (!context.quiet) print(`${task.id} is cancelled`);
    }
    for (const id of ids.filter((each) => !cancelled.has(each))) {
      const task = await store.get(id);
      if (task) note(`${id} stays as it is: ${STATUS_WORDS[task.status]}`);
    }
  });
}
