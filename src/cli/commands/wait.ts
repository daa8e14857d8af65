import type { Command } from 'commander';
import { withHelp } from '../help.ts';
import { addSelectors } from '../select.ts';
import { duration, parsed, timeOrOff } from '../values.ts';
import type { WaitOptions } from '../wait/wait.ts';

export function registerWait(program: Command): void {
  const command = program
    .command('wait')
    .description('Waits until tasks have ended; ends with 0 when all of them are completed.')
    .argument('[id...]', 'these: ids, or ranges such as task-010..task-020; default: all there are now');
  addSelectors(command)
    .option('--timeout <time>', 'no longer than this; ends with 124 then', parsed('--timeout', duration))
    .option(
      '--heartbeat <time>',
      'a line after so long a silence where nobody watches (default 1m; off)',
      parsed('--heartbeat', timeOrOff),
    )
    .action(async (words: string[], options: WaitOptions) => {
      const { wait } = await import('../wait/wait.ts');
      await wait(words, options, command);
    });
  withHelp(command, {
    examples: ['orch wait "$id" && orch show "$id" --result', 'orch wait --tag docs --timeout 30m'],
  });
}
