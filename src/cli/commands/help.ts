import type { Command } from 'commander';
import { fullHelp, withHelp } from '../help.ts';
import { printRaw } from '../output.ts';
import { usage } from '../values.ts';

export function registerHelp(program: Command): void {
  const command = program
    .command('help')
    .summary('all commands, or all options of one')
    .description('Prints every command, or every option of one; --help has the common ones.')
    .argument('[command]', 'the command')
    .action((name: string | undefined) => printRaw(fullHelp(find(program, name))));
  withHelp(command, { examples: ['orch help', 'orch help run'] });
}

/** @throws `usage`: there is no such command. */
function find(program: Command, name: string | undefined): Command {
  if (name === undefined) return program;
  const command = program.commands.find((each) => each.name() === name || each.aliases().includes(name));
  if (command) return command;
  throw usage(`Unknown command '${name}'; orch --help lists those there are`);
}
