import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { fullHelp, helpPartsOf } from '../../src/cli/help.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { Cli } from '../support/cli.ts';
import { invocationsIn, parsed } from '../support/example-lines.ts';

const program = await buildProgram();
const commands = [program, ...program.createHelp().visibleCommands(program)];
const MOST_LINES = 24;
const MOST_COLUMNS = 80;

/** What `--help` prints, all of it. */
function helpOf(command: Command, columns?: number): string {
  let text = '';
  const { writeOut, getOutHelpWidth } = command.configureOutput();
  command.configureOutput({
    writeOut: (part) => (text += part),
    ...(columns !== undefined && { getOutHelpWidth: () => columns }),
  });
  command.outputHelp();
  command.configureOutput({ writeOut: writeOut!, getOutHelpWidth: getOutHelpWidth! });
  return text;
}

/** What `orch help` prints of it. */
function fullHelpOf(command: Command, columns: number): string {
  const { getOutHelpWidth } = command.configureOutput();
  command.configureOutput({ getOutHelpWidth: () => columns });
  const text = fullHelp(command);
  command.configureOutput({ getOutHelpWidth: getOutHelpWidth! });
  return text;
}

describe.each(commands.map((command) => [command.name(), command] as const))('%s', (name, command) => {
  const { examples, common } = helpPartsOf(command);

  test('--help fits on a terminal', () => {
    const lines = helpOf(command).trimEnd().split('\n');
    const tooMany = `orch ${name} --help has ${lines.length} lines: name the common options by withHelp, or say it shorter`;
    expect(lines.length, tooMany).toBeLessThanOrEqual(MOST_LINES);
    expect(lines.filter((line) => line.length > MOST_COLUMNS)).toEqual([]);
  });

  test('fits a terminal of 40 columns too, but for what is to be typed', () => {
    const typed = (line: string) =>
      line.startsWith('Usage:') || examples.includes(line.trim()) || /^ {2}(-|--|\[|<)/.test(line);
    for (const help of [helpOf(command, 40), fullHelpOf(command, 40)])
      expect(help.split('\n').filter((line) => line.length > 40 && !typed(line))).toEqual([]);
  });

  test('has examples, which --help shows', () => {
    expect(examples.length, `${name} has no example: give it one by withHelp`).toBeGreaterThan(0);
    const help = helpOf(command);
    expect(help.split('\nExamples:\n')).toHaveLength(2);
    for (const example of examples) expect(help).toContain(`\n  ${example}\n`);
  });

  test.each(examples.map((example, i) => [example, i] as const))('%s', async (_example, i) => {
    // In one shell with those before it, as a person would type them.
    const calls = invocationsIn(examples.slice(0, i + 1).join('\n'));
    const called: string[] = [];
    for (const args of calls) called.push((await parsed(args)).name());
    if (command === program) expect(called).not.toEqual([]);
    else expect(called).toContain(name);
  });

  test('what is said to be common is there', () => {
    const there =
      command === program
        ? program.commands.map((each) => each.name())
        : command.options.map((option) => option.long);
    expect((common ?? []).filter((each) => !there.includes(each))).toEqual([]);
  });
});

test('an example that the parser does not take is found out', async () => {
  expect(invocationsIn('id=$(orch add "a  b" "") && orch --json show "$id" | other')).toEqual([
    ['add', 'a  b', ''],
    ['--json', 'show', 'task-001'],
  ]);
  await expect(parsed(['run', '--nonsense'])).rejects.toThrow('unknown option');
  await expect(parsed(['run', '--concurrency'])).rejects.toThrow('argument missing');
  await expect(parsed(['add', '-p', 'high', 'x'])).rejects.toThrow('--priority');
  await expect(parsed(['nonsense'])).rejects.toThrow('unknown command');
});

test('--help and orch help print it; orch help has every option', async () => {
  const cli = new Cli();
  const common = await cli.run(['run', '--help']);
  expect(common).toMatchObject({ code: 0, stderr: '' });
  expect(common.stdout).toContain('--exec <command>');
  expect(common.stdout).toContain('orch help run');
  expect(common.stdout).not.toContain('--pause-between');
  const whole = await cli.run(['help', 'run']);
  const run = program.commands.find((each) => each.name() === 'run');
  for (const { long, hidden } of run?.options ?? [])
    expect(whole.stdout.includes(`${long} `), long).toBe(!hidden);
  expect(whole.stdout).toContain('What verifies it:');
  const all = await cli.run(['help']);
  for (const each of commands.slice(1)) expect(all.stdout).toContain(`\n  ${each.name()} `);
});
