import type { Command } from 'commander';
import { contextOf } from '../context.ts';

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'Shows in a few seconds what orch does: simulated, without a key, in a scratch folder that is removed.',
    )
    .addHelpText('after', '\nExamples:\n  orch demo\n  orch demo --json')
    .action(demo);
}

/** Neither config file nor environment has a say in it: it is the same everywhere. */
async function demo(_options: object, command: Command): Promise<void> {
  const context = await contextOf(command, false);
  const { runDemo } = await import('../demo/demo.ts');
  await runDemo(context);
}
