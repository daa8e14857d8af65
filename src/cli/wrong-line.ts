import type { Command, CommanderError } from 'commander';
import { count, nameSome } from './format.ts';
import { termOf } from './help.ts';

/**
 * What commander has against a line, as one sentence that says what to do next.
 * @param name of the command that the line names; undefined where it names none.
 */
export function wrongLine(error: CommanderError, program: Command, name: string | undefined): string {
  const command = program.commands.find((each) => each.name() === name) ?? program;
  const line = command === program ? 'orch' : `orch ${command.name()}`;
  const [, said = '', names = ''] =
    /^(.*?)(?:\n\(Did you mean (?:one of )?(.*)\?\))?$/s.exec(error.message) ?? [];
  const [, quoted = ''] = /'(.*)'/s.exec(said) ?? [];
  const similar = names.split(', ');
  switch (error.code) {
    case 'commander.unknownCommand': {
      const known = program.createHelp().visibleCommands(program);
      const guess = meant(
        quoted,
        known.map((each) => each.name()),
        similar,
      );
      return `Unknown command '${quoted}'; ${guess ?? 'orch --help lists those there are'}`;
    }
    case 'commander.unknownOption': {
      const flag = quoted.replace(/=.*/s, '');
      const all = command === program ? 'orch --help' : `orch help ${command.name()}`;
      return `Unknown option '${quoted}'; ${meant(flag, flagsOf(command), similar) ?? `${all} lists those there are`}`;
    }
    case 'commander.missingArgument': {
      const missing = command.registeredArguments.find((each) => each.name() === quoted);
      return `${line} needs ${missing ? termOf(missing) : quoted}; ${line} --help has examples`;
    }
    case 'commander.optionMissingArgument':
      return `${quoted.replace(/^.*(--\S+) .*$/, '$1')} needs a value: ${quoted.replace(/^-., /, '')}`;
    case 'commander.excessArguments': {
      const takes = command.registeredArguments.length;
      const given = nameSome(command.args.map((arg) => JSON.stringify(arg)));
      return `${line} takes ${takes === 0 ? 'no arguments' : count(takes, 'argument')}, got ${given}; ${line} --help has examples`;
    }
    default: {
      const text = error.message.replace(/^error: |\.$/g, '');
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}; ${line} --help says more`;
    }
  }
}

/** Those of the command, and the global ones. */
function flagsOf(command: Command): string[] {
  const helper = command.createHelp();
  const options = [command, command.parent].flatMap((each) => (each ? helper.visibleOptions(each) : []));
  return options.flatMap(({ long }) => long ?? []);
}

/** Most suggestions that are named. */
const MOST = 5;

/**
 * What begins so; or else what commander finds similar, if it begins with the same letter: of a short word it finds much that has
 * nothing in common with it. @returns undefined where there is nothing.
 */
function meant(word: string, all: readonly string[], similar: readonly string[]): string | undefined {
  const bare = (text: string) => text.replace(/^-+/, '').toLowerCase();
  const start = bare(word);
  if (start === '') return undefined;
  const longer = all.filter((each) => bare(each).startsWith(start));
  const alike = similar.filter((each) => bare(each)[0] === start[0]);
  const found = [...new Set(longer.length > 0 ? longer : alike)];
  if (found.length === 0) return undefined;
  return `did you mean ${found.length > MOST ? nameSome(found, MOST) : found.join(' or ')}?`;
}
