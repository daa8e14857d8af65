import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { withHelp } from '../../src/cli/help.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { manPage } from '../../src/cli/reference/man.ts';
import { markdownReference } from '../../src/cli/reference/markdown.ts';
import { outlineOf } from '../../src/cli/reference/outline.ts';
import { references } from '../../src/cli/reference/reference.ts';
import { ENVIRONMENT, EXIT_STATUS } from '../../src/cli/reference/topics.ts';
import { RUN_OPTION_NAMES } from '../../src/cli/run-options.ts';

const root = resolve(import.meta.dirname, '../..');
const made = await references();

test.each(Object.keys(made))('%s is what the parser says now', (path) => {
  const there = readFileSync(join(root, path), 'utf8');
  expect(there === made[path], `${path} is out of date: npm run docs`).toBe(true);
});

test('both name every command and every option that is shown', async () => {
  const program = await buildProgram();
  for (const command of [program, ...program.commands]) {
    const isHidden = !program.createHelp().visibleCommands(program).includes(command) && command !== program;
    for (const [path, text] of Object.entries(made)) {
      const plain = text.replaceAll('\\-', '-');
      const heading = path.endsWith('.1') ? `.SS orch ${command.name()}` : `## orch ${command.name()}\n`;
      if (command !== program) expect(plain.includes(heading), `${path}: ${command.name()}`).toBe(!isHidden);
      const shown = isHidden ? [] : command.options.filter(({ hidden }) => !hidden);
      for (const { long } of shown) expect(plain, path).toContain(long);
    }
  }
});

test('the package brings the man page, and the script that makes it', () => {
  const { man, files, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(Object.keys(made)).toContain(man);
  expect(files).toContain('docs');
  expect(scripts.docs).toBe('node src/cli/reference/write.ts');
});

test('cli.md says of each exit code what the references say', () => {
  const page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
  const [, section = ''] = page.split('\n## Exit codes\n');
  const rows = [...section.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, code, text = '']) => [
    code,
    text.replaceAll('`', ''),
  ]);
  expect(rows).toEqual(EXIT_STATUS);
});

test('each variable that the code asks for is told of', () => {
  const told = ENVIRONMENT.map(([names]) => names).join(', ');
  // Of the surroundings, of a client itself, or of a part of orch that starts another.
  const others = ['HOME', 'NODE_OPTIONS', 'NODE_USE_ENV_PROXY', 'ORCH_SELFTEST_BREAK', 'COMP_WORDBREAKS'];
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...readFileSync(join(root, 'src', name), 'utf8').matchAll(/\benv\.([A-Z][A-Z_]+)/g)])
    .map(([, name = '']) => name)
    .filter((name) => !/^(ANTHROPIC_|PG)/.test(name) && !others.includes(name));
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(told.split(', ')).toContain(name);
  expect(RUN_OPTION_NAMES).toEqual(expect.arrayContaining(['concurrency', 'maxCost']));
});

/** A parser whose texts are all that a format could take for its own. */
function awkward(): Command {
  const program = new Command('orch').description('Awkward: .TH "x" \\fB').version('1');
  const command = program
    .command('odd')
    .description('.SH at the start, a\\b, 1-2, "q", <b>, a|b, *x*, [l](m)');
  command.option('--a-b <c|d>', "'starts with a quote; \\n");
  return withHelp(command, { examples: [".dot -x '\\n' | `cmd`"] }).parent as Command;
}

describe('whatever a text holds', () => {
  test('in the man page it is text', () => {
    const page = manPage(outlineOf(awkward()));
    expect(page).toContain('\n\\&.SH at the start, a\\eb, 1\\-2, \\(dqq\\(dq, <b>');
    expect(page).toContain("\n\\&'starts with a quote; \\en\n");
    expect(page).toContain("\n    \\&.dot \\-x '\\en' | `cmd`\n");
    expect(problemsOf(page)).toBe('');
  });

  test('in Markdown it is text', () => {
    const page = markdownReference(outlineOf(awkward()));
    expect(page).toContain('a\\\\b, 1-2, "q", \\<b>, a\\|b, \\*x\\*, \\[l\\](m)');
    expect(page).toContain('| `--a-b <c\\|d>` |');
  });
});

const HAS_GROFF = spawnSync('groff', ['--version']).status === 0;
const HAS_MANDOC = spawnSync('mandoc', ['-T', 'ascii'], { input: '' }).error === undefined;

/** What groff has against a page. */
function problemsOf(page: string): string {
  if (!HAS_GROFF) return '';
  return spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], { input: page, encoding: 'utf8' }).stderr;
}

test('groff has nothing against the man page', (context) => {
  if (!HAS_GROFF) return context.skip('groff is not installed');
  expect(problemsOf(made['docs/orch.1'] ?? '')).toBe('');
  expect(problemsOf('.TP\n.nonsense')).not.toBe('');
  const { stdout } = spawnSync('groff', ['-man', '-Tascii', '-P-cbou'], {
    input: made['docs/orch.1'],
    encoding: 'utf8',
  });
  expect(stdout).toContain('orch run [options] [id...]');
  expect(stdout).toContain('--max-cost <usd>');
});

test('mandoc has nothing against it either', (context) => {
  if (!HAS_MANDOC) return context.skip('mandoc is not installed');
  const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'error'], {
    input: made['docs/orch.1'],
    encoding: 'utf8',
  });
  expect(lint.stdout + lint.stderr).toBe('');
});
