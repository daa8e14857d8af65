import { expect, test } from 'vitest';
import { Cli, preload } from '../../support/cli.ts';

const env = {
  NODE_OPTIONS: `--import=${preload('without-postgres.ts')} --import=${preload('no-network.ts')}`,
};

test('without its packages a store on Postgres is refused in one sentence that says how to add them', async () => {
  const refused = await new Cli().run(['list', '--store', 'postgres://somebody@127.0.0.1:1/tasks'], { env });
  expect(refused).toEqual({
    code: 4,
    stdout: '',
    stderr:
      'A store on Postgres needs two more packages; add them where orch is, with `npm install pg pg-boss@12.35` (and --global, if it is global)\n',
  });
});

test('a store in a file works without them', async () => {
  const cli = new Cli();
  expect((await cli.run(['add', 'echo one'], { env })).code).toBe(0);
  expect((await cli.run(['run', '--exec', 'sh'], { env })).code).toBe(0);
  expect((await cli.run(['status'], { env })).stdout).toContain('1 completed');
});
