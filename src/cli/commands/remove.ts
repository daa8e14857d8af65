import type { Command } from 'commander';
import { contextOf, remark, withStore } from '../context.ts';
import { printFitted } from '../fitted-lines.ts';
import { count, nameSome } from '../format.ts';
import { withHelp } from '../help.ts';
import { printJson } from '../output.ts';
import { addSelectors, onSelected, type SelectOptions, selectionOf, selectsAll } from '../select.ts';
import { usage } from '../values.ts';

export function registerRemove(program: Command): void {
  const command = program
    .command('remove')
    .description('Removes tasks for good; refuses those that an unfinished task waits for.')
    .argument('[id...]', 'the tasks: ids, or ranges such as task-010..task-020');
  addSelectors(command).action(remove);
  withHelp(command, { examples: ['orch remove task-003', 'orch remove --status failed --tag docs'] });
}

async function remove(words: string[], options: SelectOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const selection = selectionOf(words, options);
  if (selectsAll(selection)) throw usage('Say what to remove: ids, --status or --tag');
  await withStore(context, async (store) => {
    const removed =
      (await onSelected(store, selection, async (ids) => {
        await store.remove(ids);
        return ids;
      })) ?? [];
    if (context.json) printJson({ removed });
    else if (removed.length === 0) remark(context, 'Nothing was removed: no task matches');
    else if (!context.quiet) printFitted(`${count(removed.length, 'task')} removed: ${nameSome(removed)}`);
  });
}
