import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';

/** A folder as somebody else made it. */
async function cloned(run: object): Promise<Cli> {
  const cli = new Cli();
  await cli.add('x');
  cli.write('orch.config.json', JSON.stringify({ run }));
  return cli;
}

const ran = (cli: Cli) => existsSync(cli.path('ran'));

describe('the commands of a config file that lay in the folder', () => {
  test.each([
    ['exec', ['run']],
    ['check', ['run', '--exec', 'cat']],
  ])('%s ends the run with 2 before anything is done', async (name, args) => {
    const cli = await cloned({ [name]: 'touch ran' });
    const { code, stderr } = await cli.run(args);
    const message = `orch.config.json says 1 command that nobody agreed to (run.${name}); read the file, then say --trust, or name it with --config orch.config.json\n`;
    expect({ code, stderr }).toEqual({ code: 2, stderr: message });
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }]);
    expect(ran(cli)).toBe(false);
  });

  test('run with --trust, which is remembered until they are others', async () => {
    const cli = await cloned({ exec: 'touch ran' });
    expect((await cli.here(['run', '--trust'])).code).toBe(0);
    expect(ran(cli)).toBe(true);
    await cli.add('y');
    expect((await cli.here(['run'])).code).toBe(0);
    await cli.add('z');
    cli.write('orch.config.json', '{ "run": { "exec": "touch ran && cat" } }');
    expect((await cli.here(['run'])).code).toBe(2);
  });

  test.each<[string, string[], Record<string, string>]>([
    ['--config', ['--config', 'orch.config.json'], {}],
    ['ORCH_CONFIG', [], { ORCH_CONFIG: 'orch.config.json' }],
  ])('are agreed to by who names the file with %s', async (_name, args, env) => {
    const cli = await cloned({ exec: 'touch ran' });
    expect((await cli.run([...args, 'run'], { env })).code).toBe(0);
    expect(ran(cli)).toBe(true);
  });

  test('are nobody’s concern where others are given instead, or none is run', async () => {
    const cli = await cloned({ exec: 'touch ran', check: 'touch ran' });
    expect((await cli.here(['run', '--simulate'])).code).toBe(0);
    expect((await cli.here(['run', '--dry-run'])).code).toBe(0);
    const env = { ORCH_EXEC: 'cat' };
    expect((await cli.here(['run', '--check', 'true'], { env })).code).toBe(0);
    expect(ran(cli)).toBe(false);
  });

  test('hold up an audit, too', async () => {
    const cli = new Cli();
    await cli.add('x');
    await cli.here(['run', '--exec', 'cat']);
    cli.write('orch.config.json', '{ "run": { "check": "touch ran" } }');
    const { code, stderr } = await cli.here(['audit']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('(run.check)') });
    expect(ran(cli)).toBe(false);
    expect((await cli.here(['audit', '--trust'])).code).toBe(0);
    expect(ran(cli)).toBe(true);
  });
});
