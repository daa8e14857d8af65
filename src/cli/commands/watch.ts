import type { Command } from 'commander';
import { contextOf, withStore } from '../context.ts';

export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description('Shows what the runs of other terminals do, as it happens, until Ctrl-C. It only reads.')
    .addHelpText('after', '\nExamples:\n  orch watch\n  orch watch --json | jq -r .event')
    .action(watch);
}

async function watch(_options: object, command: Command): Promise<void> {
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    const { watchStore } = await import('../watch/watch-store.ts');
    await watchStore(context, store);
  });
}
