import { expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';

const CHECK = 'echo one; echo two; exit 1';

test('run says of a rejection the first line, and with -v all of it', async () => {
  const cli = new Cli();
  await cli.run(['add', 'x', '--check', CHECK]);
  const run = ['run', '--exec', 'cat', '--max-attempts', '1'];
  const brief = await cli.here(run);
  expect(brief.stdout).toContain('one');
  expect(brief.stdout).not.toContain('two');
  await cli.run(['reset']);
  const verbose = await cli.run(['-v', ...run]);
  expect(verbose.stdout).toContain('  │ one\n  │ two\n');
});
