import { expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';

async function commands(...argv: string[]): Promise<string[]> {
  return (await buildProgram(argv)).commands.map((command) => command.name());
}

const all = await commands();

test('each command is there when it is named, and what it does not need is left out', async () => {
  for (const name of all) expect(await commands(name, 'x')).toContain(name);
  expect(await commands('add', 'run')).toEqual(['add']);
  expect(await commands('--store', 'run', '--json', 'add', 'x')).toEqual(['add']);
  expect(await commands('--store=run', '-q', '--config', 'list', 'status')).toEqual(['status']);
});

test.each([
  [[]],
  [['--help']],
  [['-h', 'run']],
  [['--json', '--help', 'add']],
  [['nothing']],
  [['help', 'add']],
  [['complete', 'bash', 'add']],
])('all of them are there for %j', async (argv) => {
  expect(await commands(...argv)).toEqual(all);
});
