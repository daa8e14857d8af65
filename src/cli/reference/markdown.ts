import type { Outline, ProgramOutline } from './outline.ts';
import { ENVIRONMENT, type Entry, EXIT_STATUS, FILES } from './topics.ts';

/** docs/commands.md: every command with every option. */
export function markdownReference(program: ProgramOutline): string {
  const index = program.commands.map(({ name }) => `[${name}](#orch-${name})`).join(', ');
  return [
    '# Commands',
    'All commands and options, as `orch help` has them. This page is made from the parser by `npm run docs`; [cli.md](cli.md) says what a script can rely on.',
    index,
    '## For all commands',
    ...optionTables(program),
    ...program.commands.flatMap(section),
    '## Environment',
    table(['variable', 'says'], ENVIRONMENT),
    '## Files',
    table(['file', 'is'], FILES),
    '## Exit status',
    table(['code', 'means'], EXIT_STATUS),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function section(command: Outline): string[] {
  const examples = command.examples.length > 0 ? [['```sh', ...command.examples, '```'].join('\n')] : [];
  const args = command.args.length > 0 ? [table(['argument', 'is'], command.args)] : [];
  return [
    `## orch ${command.name}`,
    `\`${command.usage}\``,
    escaped(command.description),
    ...examples,
    ...args,
    ...optionTables(command),
  ];
}

function optionTables({ options }: Outline): string[] {
  return [...options].map(([heading, entries]) =>
    table([heading === 'Options' ? 'option' : heading, 'says'], entries),
  );
}

function table(head: readonly [string, string], entries: readonly Entry[]): string {
  const rows = entries.map(([term, text]) => `| \`${term.replaceAll('|', '\\|')}\` | ${escaped(text)} |`);
  return [`| ${head.join(' | ')} |`, '|---|---|', ...rows].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[\\`*_<[\]|]/g, '\\$&');
}
