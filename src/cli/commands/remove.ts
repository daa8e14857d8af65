import type { Command } from 'commander';
import { contextOf, withStore } from '../context.ts';
import { count, nameSome } from '../format.ts';
import { print, printJson } from '../output.ts';

export function registerRemove(program: Command): void {
  program
    .command('remove')
    .description('Removes tasks for good; refuses those that an unfinished task waits for.')
    .argument('<id...>', 'the tasks')
    .action(remove);
}

async function remove(ids: string[], _options: object, command: Command): Promise<void> {
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    const removed = [...new Set(ids)];
    await store.remove(removed);
    if (context.json) printJson({ removed });
    else if (!context.quiet) print(`${count(removed.length, 'task')} removed: ${nameSome(removed)}`);
  });
}
