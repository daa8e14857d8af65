import type { Outline, ProgramOutline } from './outline.ts';
import { ENVIRONMENT, type Entry, EXIT_STATUS, FILES } from './topics.ts';

/** docs/orch.1: the man page, with every command and every option. */
export function manPage(program: ProgramOutline): string {
  const [what = ''] = program.description.split(': ');
  return [
    '.\\" Made from the parser by npm run docs.',
    `.TH ORCH 1 "" "orch ${program.version}" "User Commands"`,
    '.SH NAME',
    `orch \\- ${roff(what.charAt(0).toLowerCase() + what.slice(1))}`,
    '.SH SYNOPSIS',
    `.B ${roff(program.usage)}`,
    '.SH DESCRIPTION',
    roff(program.description),
    ...exampleLines(program.examples),
    '.SH OPTIONS',
    ...optionLines(program),
    '.SH COMMANDS',
    ...program.commands.flatMap(commandLines),
    '.SH ENVIRONMENT',
    ...entryLines(ENVIRONMENT),
    '.SH FILES',
    ...entryLines(FILES),
    '.SH EXIT STATUS',
    ...entryLines(EXIT_STATUS),
    '',
  ].join('\n');
}

function commandLines(command: Outline): string[] {
  return [
    `.SS ${roff(command.usage)}`,
    roff(command.description),
    ...entryLines(command.args),
    ...optionLines(command),
    ...exampleLines(command.examples),
  ];
}

function optionLines({ options }: Outline): string[] {
  return [...options].flatMap(([heading, entries]) => [
    ...(heading === 'Options' ? [] : ['.PP', `${roff(heading)}:`]),
    ...entryLines(entries),
  ]);
}

function entryLines(entries: readonly Entry[]): string[] {
  return entries.flatMap(([term, text]) => ['.TP', `.B ${roff(term)}`, roff(text)]);
}

function exampleLines(examples: readonly string[]): string[] {
  return examples.length > 0 ? ['.PP', '.nf', ...examples.map((line) => `    ${roff(line)}`), '.fi'] : [];
}

/** A hyphen is one, to be copied and searched for; nothing at the start of a line is a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^[.']/gm, '\\&$&');
}
