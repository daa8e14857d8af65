import type { Command } from 'commander';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { contextOf, withStore } from '../context.ts';
import { printFitted } from '../fitted-lines.ts';
import { count, nameSome } from '../format.ts';
import { withHelp } from '../help.ts';
import { printJson } from '../output.ts';
import { duration, parsed } from '../values.ts';

interface CleanOptions {
  /** Milliseconds. */
  olderThan?: number;
}

export function registerClean(program: Command): void {
  const command = program
    .command('clean')
    .description('Removes the completed tasks, but for those that an unfinished one waits for.')
    .option(
      '--older-than <duration>',
      'only those that ended so long ago, such as 7d',
      parsed('--older-than', duration),
    )
    .action(clean);
  withHelp(command, { examples: ['orch clean', 'orch clean --older-than 7d'] });
}

async function clean({ olderThan = 0 }: CleanOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    const { removed, kept } = await sortOut(store, Date.now() - olderThan);
    if (removed.length > 0) await store.remove(removed);
    if (context.json) return printJson({ removed, kept });
    if (context.quiet) return;
    printFitted(removed.length > 0 ? `${count(removed.length, 'task')} removed` : 'Nothing to remove');
    if (kept.length > 0)
      printFitted(
        `${count(kept.length, 'task')} kept, because unfinished ones wait for them: ${nameSome(kept)}`,
      );
  });
}

async function sortOut(
  store: TaskStore,
  endedBefore: number,
): Promise<{ removed: string[]; kept: string[] }> {
  const completed: Task[] = [];
  const awaited = new Set<string>();
  for await (const task of store.list()) {
    if (task.status !== 'completed') for (const id of task.after ?? []) awaited.add(id);
    else if (Date.parse(task.endedAt ?? task.createdAt) <= endedBefore) completed.push(task);
  }
  const ids = completed.map((task) => task.id);
  return { removed: ids.filter((id) => !awaited.has(id)), kept: ids.filter((id) => awaited.has(id)) };
}
