import { type Argument, type Command, Help, type Option } from 'commander';
import { fitted } from './wrap.ts';

/** What the help of a command says beside its description, arguments and options. */
export interface HelpParts {
  /** Lines as a person would type them in a shell. */
  examples: string[];
  /** What `--help` shows, where all of it would be too long: options by their long flags, or commands by their names. */
  common?: string[];
}

const parts = new WeakMap<Command, HelpParts>();

export function withHelp(command: Command, given: HelpParts): Command {
  parts.set(command, given);
  return command;
}

export function helpPartsOf(command: Command): HelpParts {
  return parts.get(command) ?? { examples: [] };
}

/** Columns in which a description can be read: where fewer are left beside its term, it stands below that. */
const LEAST_COLUMNS = 24;

/** How the help is laid out on any terminal. */
export const LAYOUT: Partial<Help> = {
  minWidthToWrap: LEAST_COLUMNS,
  formatItem: (term, termWidth, text, helper) => {
    const columns = helper.helpWidth ?? 80;
    const isBeside = columns - termWidth - '    '.length >= LEAST_COLUMNS;
    if (isBeside) return Help.prototype.formatItem.call(helper, term, termWidth, text, helper);
    return [`  ${term}`, ...fitted([`      ${text}`], columns)].join('\n');
  },
};

/** What `--help` prints: at most 24 lines of 80 columns, so that a terminal shows all of it. `orch help` has the rest. */
export function commonHelp(command: Command, helper: Help): string {
  const isProgram = command.parent === null;
  return [
    `Usage: ${helper.commandUsage(command)}`,
    '',
    boxed(command.description(), helper),
    ...exampleLines(command),
    ...(isProgram ? commandLines(command, helper) : optionLines(command, helper)),
    '',
    boxed(isProgram ? programEnd(command) : commandEnd(command), helper),
    '',
  ].join('\n');
}

/** What `orch help` prints: every command, or every argument and option of one. */
export function fullHelp(command: Command): string {
  const helper = Object.assign(new Help(), LAYOUT);
  helper.showGlobalOptions = true;
  helper.subcommandTerm = (each) => each.name();
  helper.prepareContext({ helpWidth: command.configureOutput().getOutHelpWidth?.() });
  const text = helper.formatHelp(command, helper);
  return [text.trimEnd(), ...exampleLines(command), ''].join('\n');
}

function exampleLines(command: Command): string[] {
  const { examples } = helpPartsOf(command);
  return examples.length > 0 ? ['', 'Examples:', ...examples.map((line) => `  ${line}`)] : [];
}

function optionLines(command: Command, helper: Help): string[] {
  const { common } = helpPartsOf(command);
  const options = helper
    .visibleOptions(command)
    .filter((option) => option.long !== '--help' && (!common || common.includes(option.long ?? '')));
  const items = [
    ...helper
      .visibleArguments(command)
      .map((argument) => [termOf(argument), helper.argumentDescription(argument)] as const),
    ...options.map((option) => [helper.optionTerm(option), helper.optionDescription(option)] as const),
  ];
  return items.length > 0 ? ['', 'Options:', ...itemLines(items, helper)] : [];
}

function commandLines(program: Command, helper: Help): string[] {
  const { common = [] } = helpPartsOf(program);
  const commands = helper.visibleCommands(program);
  const named = commands.filter((command) => common.includes(command.name()));
  const others = commands.filter((command) => !common.includes(command.name()));
  const items = named.map((command) => [command.name(), helper.subcommandDescription(command)] as const);
  const names = others.map((command) => command.name()).join(', ');
  return ['', 'Commands:', ...itemLines(items, helper), boxed(`More: ${names}`, helper)];
}

function itemLines(items: ReadonlyArray<readonly [term: string, text: string]>, helper: Help): string[] {
  const width = Math.max(...items.map(([term]) => term.length));
  return items.map(([term, text]) => helper.formatItem(term, width, text, helper));
}

function commandEnd(command: Command): string {
  const { common } = helpPartsOf(command);
  const all = common ? `More: orch help ${command.name()}. ` : '';
  return `${all}Global: ${flagsOf(command.parent?.options ?? [])}.`;
}

function programEnd(program: Command): string {
  return `Options: ${flagsOf(program.options)}. orch <command> --help has those of a command; orch help says more of all.`;
}

function flagsOf(options: readonly Option[]): string {
  const shown = options.filter((option) => !option.hidden && option.long !== '--version');
  return shown.map((option) => option.short ?? option.long).join(', ');
}

/** `[id...]`, as in the usage. */
export function termOf(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

function boxed(text: string, helper: Help): string {
  return helper.boxWrap(text, helper.helpWidth ?? 80);
}
