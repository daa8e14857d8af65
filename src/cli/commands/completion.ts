import { Argument, type Command } from 'commander';
import type { Shell } from '../completion/answer-lines.ts';
import { withHelp } from '../help.ts';
import { print, printRaw } from '../output.ts';
import { oneOf, parsed } from '../values.ts';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish', 'powershell'];

export function registerCompletion(program: Command): void {
  const command = program
    .command('completion')
    .description('Prints a script by which a shell completes commands, options, their values and task ids.')
    .addArgument(shellArgument('bash, zsh, fish or powershell'))
    .action(async (shell: Shell) => {
      const { SCRIPTS } = await import('../completion/scripts.ts');
      printRaw(SCRIPTS[shell]);
    });
  withHelp(command, {
    examples: [
      'eval "$(orch completion bash)"',
      'eval "$(orch completion zsh)"',
      'orch completion fish > ~/.config/fish/completions/orch.fish',
      'orch completion powershell | Out-String | Invoke-Expression',
    ],
  });
  program
    .command('complete', { hidden: true })
    .description('What the scripts of orch completion ask: the words of a line up to the cursor.')
    .addArgument(shellArgument())
    .argument('[words...]')
    .action(async (shell: Shell, words: string[]) => {
      const { complete } = await import('../completion/complete.ts');
      for (const line of await complete(program, shell, words, process.env)) print(line);
      // A database that has not answered must not hold up the shell.
      process.stdout.write('', () => process.exit());
    });
}

function shellArgument(description = ''): Argument {
  return new Argument('<shell>', description).argParser(parsed('<shell>', oneOf(SHELLS)));
}
