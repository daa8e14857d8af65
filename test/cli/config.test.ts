import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';

/** The concurrency that a run says it has. */
async function concurrency(cli: Cli, args: string[], env: Record<string, string> = {}): Promise<unknown> {
  const { stdout } = await cli.here(['run', '--exec', 'cat', '--json', ...args], { env });
  return jsonLines(stdout)[0]?.concurrency;
}

describe('configuration', () => {
  test('flag before environment before config file before default', async () => {
    const cli = new Cli();
    await cli.add('x');
    expect(await concurrency(cli, [])).toBe(4);
    cli.write('orch.config.json', '{ "run": { "concurrency": 5 } }');
    expect(await concurrency(cli, [])).toBe(5);
    expect(await concurrency(cli, [], { ORCH_CONCURRENCY: '6' })).toBe(6);
    expect(await concurrency(cli, ['-j', '7'], { ORCH_CONCURRENCY: '6' })).toBe(7);
    cli.write('other.json', '{ "run": { "concurrency": 8 } }');
    expect(await concurrency(cli, [], { ORCH_CONFIG: 'other.json' })).toBe(8);
    expect(await concurrency(cli, ['--config', 'orch.config.json'], { ORCH_CONFIG: 'other.json' })).toBe(5);
  });

  test('the store likewise; in a config file it is taken from where the file is', async () => {
    const cli = new Cli();
    mkdirSync(cli.path('sub'));
    cli.write('sub/orch.json', '{ "store": "own.json" }');
    await cli.here(['add', 'by config', '--config', 'sub/orch.json']);
    expect(cli.read('sub/own.json')).toContain('by config');
    await cli.here(['add', 'by environment', '--config', 'sub/orch.json'], {
      env: { ORCH_STORE: 'env.json' },
    });
    expect(cli.read('env.json')).toContain('by environment');
    await cli.here(['--store', 'flag.json', 'add', 'by flag'], { env: { ORCH_STORE: 'env.json' } });
    expect(cli.read('flag.json')).toContain('by flag');
  });

  test('a flag overrules what contradicts it in a weaker source', async () => {
    const cli = new Cli();
    await cli.add('x');
    cli.write('orch.config.json', '{ "run": { "simulate": true, "noRetry": false } }');
    const { stdout } = await cli.here(['run', '--exec', 'cat']);
    expect(stdout).not.toContain('Simulated');
    expect((await cli.tasks())[0]).toMatchObject({ result: 'x' });
  });

  test.each<[string, string, string]>([
    ['an unknown key', '{ "stores": 1 }', 'orch.config.json has the unknown key stores'],
    [
      'an unknown key of run',
      '{ "run": { "retries": 1 } }',
      'orch.config.json has the unknown key run.retries',
    ],
    [
      'a wrong value',
      '{ "run": { "concurrency": 0 } }',
      'Expected run.concurrency in orch.config.json to be a whole number of at least 1, got "0"',
    ],
    [
      'a bare number for a time',
      '{ "run": { "maxDuration": 5 } }',
      'Expected run.maxDuration in orch.config.json to have a unit',
    ],
    ...['system', 'exec', 'model', 'escalate'].map((key): [string, string, string] => [
      `a number for ${key}`,
      `{ "run": { "${key}": 5 } }`,
      `Expected run.${key} in orch.config.json to be a text, got 5\n`,
    ]),
    [
      'no tokens at all',
      '{ "run": { "maxTokens": 0 } }',
      'Expected run.maxTokens in orch.config.json to be a whole number from 1 to 128000, got "0"\n',
    ],
    [
      'a switch that is none',
      '{ "run": { "judge": "yes" } }',
      'Expected run.judge in orch.config.json to be true or false, got "yes"',
    ],
    [
      'a contradiction',
      '{ "run": { "exec": "sh", "simulate": true } }',
      'run.exec in orch.config.json and run.simulate in orch.config.json contradict',
    ],
    ['broken JSON', '{ oops', 'The config file orch.config.json is not JSON'],
    ['something else than an object', '[]', 'Expected orch.config.json to be a JSON object, got []'],
  ])('%s is a usage error that names the file', async (_, text, message) => {
    const cli = new Cli();
    await cli.add('x');
    cli.write('orch.config.json', text);
    const { stdout, stderr, code } = await cli.run(
      ['run', '--exec', 'sh'].slice(0, text.includes('exec') ? 1 : 3),
    );
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(message);
  });

  test.each([
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
    ['', false],
  ])('a switch in the environment that is %j', async (value, on) => {
    const cli = new Cli();
    await cli.add('x');
    const { stdout } = await cli.here(['run', '--limit', '1'], { env: { ORCH_SIMULATE: value } });
    expect(stdout.includes('Simulated')).toBe(on);
    await cli.here(['run', '--exec', 'exit 3'], { env: { ORCH_NO_RETRY: value } });
    expect((await cli.tasks())[0]?.attempts).toBe(on ? 1 : 3);
  });

  test('a switch that is off overrules one that is on in a weaker source', async () => {
    const cli = new Cli();
    await cli.add('x');
    cli.write('orch.config.json', '{ "run": { "simulate": true } }');
    const off = await cli.here(['run'], { env: { ORCH_SIMULATE: '0' } });
    expect(off.stderr).toContain('No credentials');
    expect((await cli.here(['run'])).code).toBe(0);
    cli.write('orch.config.json', '{ "run": { "simulate": false, "exec": "cat" } }');
    expect((await cli.here(['run', '--trust'])).code).toBe(0);
  });

  test('a switch in the environment that says neither is refused', async () => {
    const cli = new Cli();
    await cli.add('x');
    const { stderr, code } = await cli.here(['run'], { env: { ORCH_JUDGE: 'perhaps' } });
    expect({ stderr, code }).toEqual({
      stderr: 'Expected ORCH_JUDGE to be 1 or 0, got "perhaps"\n',
      code: 2,
    });
  });

  test('a config file may begin with a byte order mark; a directory is named as such', async () => {
    const cli = new Cli();
    cli.write('orch.config.json', '\ufeff{ "store": "own.json" }');
    expect((await cli.here(['add', 'x'])).code).toBe(0);
    expect(cli.read('own.json')).toContain('"x"');
    mkdirSync(cli.path('folder'));
    const folder = await cli.here(['list', '--config', 'folder']);
    expect(folder).toMatchObject({ stderr: 'folder is a directory; give a file\n', code: 2 });
  });

  test('a wrong value in the environment names the variable; a missing config file is an error', async () => {
    const cli = new Cli();
    await cli.add('x');
    const wrong = await cli.here(['run'], { env: { ORCH_MAX_ATTEMPTS: 'x' } });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('Expected ORCH_MAX_ATTEMPTS to be a whole number of at least 1, got "x"');
    const missing = await cli.here(['list', '--config', 'none.json']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toBe('There is no file none.json; check the path\n');
  });
});
