import type { Command } from 'commander';
import { contextOf, withStore } from '../context.ts';
import { withHelp } from '../help.ts';

export function registerWatch(program: Command): void {
  const command = program
    .command('watch')
    .description('Shows what the runs of other terminals do, as it happens, until Ctrl-C. It only reads.')
    .action(watch);
  withHelp(command, { examples: ['orch watch', 'orch watch --json | jq -r .event'] });
}

async function watch(_options: object, command: Command): Promise<void> {
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    const { watchStore } = await import('../watch/watch-store.ts');
    await watchStore(context, store);
  });
}
