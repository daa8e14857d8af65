import type { Command } from 'commander';
import { contextOf, remark, withStore } from '../context.ts';
import { withHelp } from '../help.ts';
import { print, printJson } from '../output.ts';
import { addSelectors, onSelected, type SelectOptions, selectionOf, selectsAll } from '../select.ts';
import { usage } from '../values.ts';

export function registerCancel(program: Command): void {
  const command = program
    .command('cancel')
    .description('Ends pending and running tasks as failed: cancelled.')
    .argument('[id...]', 'the tasks: ids, or ranges such as task-010..task-020');
  addSelectors(command).action(cancel);
  withHelp(command, { examples: ['orch cancel task-003', 'orch cancel --tag docs'] });
}

async function cancel(words: string[], options: SelectOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const selection = selectionOf(words, options);
  if (selectsAll(selection)) throw usage('Say what to cancel: ids, --status or --tag');
  // By its tag alone, what has ended is not meant.
  if (words.length === 0) selection.statuses ??= ['pending', 'in_progress'];
  await withStore(context, async (store) => {
    const cancelled = (await onSelected(store, selection, (ids) => store.cancel(ids))) ?? [];
    for (const task of cancelled) {
      if (context.json) printJson(task);
      else if (!context.quiet) print(`${task.id} is cancelled`);
    }
    if (cancelled.length === 0) remark(context, 'Nothing was cancelled: no task matches');
  });
}
