import type { Command } from 'commander';
import { contextOf, withStore } from '../context.ts';
import { print, printJson } from '../output.ts';

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
    for (const task of await store.cancel(ids)) {
      if (context.json) printJson(task);
      else if (!context.quiet) print(`${task.id} is cancelled`);
    }
  });
}
