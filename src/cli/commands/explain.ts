import type { Command } from 'commander';
import { contextOf, hint, withStore } from '../context.ts';
import { explain } from '../explanation.ts';
import { explanationLines } from '../explanation-text.ts';
import { printFitted } from '../fitted-lines.ts';
import { withHelp } from '../help.ts';
import { printJson } from '../output.ts';
import { whileWaiting } from '../progress.ts';
import { findTask } from '../select.ts';
import { survey } from '../survey.ts';
import { unbroken } from '../wrap.ts';

export function registerExplain(program: Command): void {
  const command = program
    .command('explain')
    .description('Says why a task is not running now: all that stands before it.')
    .argument('<id>', 'the task')
    .action(explainTask);
  withHelp(command, { examples: ['orch explain task-003'] });
}

async function explainTask(id: string, _options: object, command: Command): Promise<void> {
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    const task = await findTask(store, id);
    const found = await whileWaiting(context, 'reading the tasks', () =>
      survey(store, { only: new Set([id]), withEarlier: true, most: Number.POSITIVE_INFINITY }),
    );
    const ahead = await store.ahead(id);
    const [runs, lastStop] = [await store.runs(), await store.lastStop()];
    const explanation = explain(task, { found, ahead, runs, lastStop });
    if (context.json) return printJson(explanation);
    const options = { hint: (text: string) => unbroken(hint(context, text)), now: Date.now() };
    for (const line of explanationLines(explanation, options)) printFitted(line);
  });
}
