import type { Command, Help } from 'commander';
import { helpPartsOf, termOf } from '../help.ts';
import type { Entry } from './topics.ts';

/** A command, as both references tell of it. */
export interface Outline {
  name: string;
  usage: string;
  description: string;
  args: Entry[];
  /** By their headings, as in `orch help`. */
  options: Map<string, Entry[]>;
  examples: string[];
}

export interface ProgramOutline extends Outline {
  version: string;
  commands: Outline[];
}

/** All that the parser knows and help shows. */
export function outlineOf(program: Command): ProgramOutline {
  const helper = program.createHelp();
  const commands = helper.visibleCommands(program).map((command) => outline(command, helper));
  return { ...outline(program, helper), version: program.version() ?? '', commands };
}

function outline(command: Command, helper: Help): Outline {
  const options = new Map<string, Entry[]>();
  for (const option of helper.visibleOptions(command)) {
    if (command.parent && option.long === '--help') continue;
    const heading = (option.helpGroupHeading ?? 'Options:').replace(/:$/, '');
    const entry: Entry = [helper.optionTerm(option), helper.optionDescription(option)];
    options.set(heading, [...(options.get(heading) ?? []), entry]);
  }
  return {
    name: command.name(),
    usage: helper.commandUsage(command),
    description: command.description(),
    args: helper
      .visibleArguments(command)
      .map((argument) => [termOf(argument), helper.argumentDescription(argument)]),
    options,
    examples: helpPartsOf(command).examples,
  };
}
