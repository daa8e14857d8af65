import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { withHelp } from '../help.ts';

export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .summary('what orch does, shown in a few seconds')
    .description(
      'Shows in a few seconds what orch does: simulated, without a key, in a scratch folder that is removed.',
    )
    .action(demo);
  withHelp(command, { examples: ['orch demo', 'orch demo --json'] });
}

/** Neither config file nor environment has a say in it: it is the same everywhere. */
async function demo(_options: object, command: Command): Promise<void> {
  const context = await contextOf(command, false);
  const { runDemo } = await import('../demo/demo.ts');
  await runDemo(context);
}
