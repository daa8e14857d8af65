import type { Command } from 'commander';
import { contextOf, remark, withStore } from '../context.ts';
import { printFitted } from '../fitted-lines.ts';
import { count, nameSome } from '../format.ts';
import { withHelp } from '../help.ts';
import { hideKeys } from '../input/hide-keys.ts';
import { printJson } from '../output.ts';
import { addSelectors, onSelected, type SelectOptions, selectionOf, selectsAll } from '../select.ts';
import { parsed, someText, usage } from '../values.ts';

interface RetryOptions extends SelectOptions {
  feedback?: string;
}

export function registerRetry(program: Command): void {
  const command = program
    .command('retry')
    .summary('gives failed tasks one more round')
    .description('Gives failed tasks one more round of attempts; what was learned in earlier ones is kept.')
    .argument('[id...]', 'the tasks: ids, or ranges such as task-010..task-020');
  addSelectors(command)
    .option(
      '--feedback <text>',
      'what is to be better: takes completed tasks back too',
      parsed('--feedback', someText),
    )
    .action(retry);
  withHelp(command, {
    examples: ['orch retry --status failed', 'orch retry task-003 --feedback "Shorter, and in French"'],
  });
}

async function retry(words: string[], options: RetryOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const selection = selectionOf(words, options);
  if (selectsAll(selection))
    throw usage('Say what to retry: ids, --tag, or --status failed for all that failed');
  // By its tag alone, what is completed or has not ended is not meant.
  if (words.length === 0) selection.statuses ??= ['failed'];
  const [said] = hideKeys([{ feedback: options.feedback }], context.env, () => 'The feedback');
  await withStore(context, async (store) => {
    const tasks = (await onSelected(store, selection, (ids) => store.retry(ids, said?.feedback))) ?? [];
    const ids = tasks.map(({ id }) => id);
    if (context.json) tasks.forEach(printJson);
    else if (tasks.length === 0) remark(context, 'Nothing to retry: no task matches');
    else if (!context.quiet)
      printFitted(`${count(ids.length, 'task')} pending for one more round: ${nameSome(ids)}`);
  });
}
