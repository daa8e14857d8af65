import type { Command } from 'commander';
import { contextOf, withStore } from '../context.ts';
import { print, printJson } from '../output.ts';
import { columnsOf } from '../terminal.ts';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('Says how many tasks are in which state, what runs, and what failed and why.')
    .action(status);
}

async function status(_options: object, command: Command): Promise<void> {
  const context = await contextOf(command);
  const { survey } = await import('../survey.ts');
  await withStore(context, async (store) => {
    const [found, counts, runs] = [await survey(store), await store.counts(), await store.runs()];
    if (context.json) {
      const { briefTask } = await import('../brief-task.ts');
      const tasks = [...found.running, ...found.failed].map(briefTask);
      const { usage = { inputTokens: 0, outputTokens: 0, costUsd: 0 }, unverified } = found;
      printJson({ counts, unverified, usage, runs, tasks });
      return;
    }
    const { statusLines } = await import('../status-lines.ts');
    const { quiet, paint } = context;
    const options = { quiet, paint, columns: columnsOf(process.stdout), now: Date.now() };
    for (const line of statusLines(found, counts, runs, options)) print(line);
  });
}
