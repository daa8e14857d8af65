import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';

async function withTask(): Promise<Cli> {
  const cli = new Cli();
  await cli.add('x');
  return cli;
}

describe('--check-timeout', () => {
  const reason = 'the check did not end within 0.1 s';
  const hangs = 'test -e quick || sleep 600';

  test.each([
    ['a task’s own check', ['--check', hangs], []],
    ['that of the run', [], ['--check', hangs]],
  ])('%s that takes longer could not tell', async (_, add, flags) => {
    const cli = new Cli();
    await cli.here(['add', 'x', ...add]);
    const run = ['run', '--exec', 'echo done', '--check-timeout', '100ms', ...flags];
    expect((await cli.run(run)).code).toBe(1);
    expect(await cli.tasks()).toMatchObject([
      { error: { kind: 'unverifiable', message: reason }, history: [{ output: 'done\n' }] },
    ]);
  });

  test('holds for an audit, by the environment too', async () => {
    const cli = new Cli();
    await cli.here(['add', 'x', '--check', hangs]);
    cli.write('quick', '');
    expect((await cli.here(['run', '--exec', 'cat'])).code).toBe(0);
    rmSync(cli.path('quick'));
    const env = { ORCH_CHECK_TIMEOUT: '100ms' };
    const { stdout, code } = await cli.run(['audit'], { env });
    expect({ stdout, code }).toMatchObject({
      stdout: expect.stringContaining(`? task-001  could not be told  ${reason}\n`),
      code: 1,
    });
  });

  test.each([
    ['0s', 'Expected --check-timeout to be longer than nothing'],
    ['5', 'Expected --check-timeout to have a unit'],
  ])('%s is none', async (time, message) => {
    const cli = await withTask();
    for (const command of [['run', '--exec', 'cat'], ['audit']]) {
      const { code, stderr } = await cli.run([...command, '--check-timeout', time]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    }
  });
});

describe('run --check-file', () => {
  /** Gives what passes, and what would run instead of the check. */
  const exec = 'echo "touch ran; exit 0" > check.sh; echo good';
  const check = ['--check', 'sh check.sh'];

  /** A run whose executor edits the check that the run was begun with. */
  async function edited(args: string[], env: Record<string, string> = {}): Promise<Cli> {
    const cli = await withTask();
    cli.write('check.sh', 'grep -q good\n');
    cli.write('words', '');
    mkdirSync(cli.path('sub'));
    cli.write(
      'sub/list.json',
      '{ "run": { "check": "sh check.sh", "checkFile": ["../words", "../check.sh"] } }',
    );
    cli.write('sub/text.json', '{ "run": { "check": "sh check.sh", "checkFile": "../words, ../check.sh" } }');
    expect((await cli.here(['run', '--exec', exec, '--no-retry', ...args], { env })).code).toBe(1);
    return cli;
  }

  test.each<[string, string[], Record<string, string>]>([
    ['a flag each', [...check, '--check-file', 'words', '--check-file', './check.sh'], {}],
    ['the environment, with commas', check, { ORCH_CHECK_FILE: 'words,check.sh' }],
    ['a list in a config file, from its own folder', ['--config', 'sub/list.json'], {}],
    ['a text in a config file, with commas', ['--config', 'sub/text.json'], {}],
  ])(
    'a check of the run that was changed since it began is a rejection, and not run: by %s',
    async (_, args, env) => {
      const cli = await edited(args, env);
      const tampered = ['check.sh has changed'];
      expect(await cli.tasks()).toMatchObject([
        {
          status: 'failed',
          error: { message: 'tampered since the run began: check.sh has changed' },
          history: [{ verdict: { tampered }, evidence: [{ verifier: 'run-check', tampered }] }],
        },
      ]);
      expect(existsSync(cli.path('ran'))).toBe(false);
    },
  );

  test('a file with a comma in its name is one, by a flag', async () => {
    const cli = await withTask();
    cli.write('a,b', 'good');
    const flags = ['--check', 'grep -qf a,b', '--check-file', 'a,b'];
    expect((await cli.here(['run', '--exec', 'echo good', ...flags])).code).toBe(0);
  });

  test('what has not changed decides, and the next run takes files as they are then', async () => {
    const cli = await withTask();
    cli.write('words', 'good');
    const run = ['run', '--exec', 'cat words', '--check', 'grep -qf words', '--check-file', 'words'];
    expect((await cli.run(run)).code).toBe(0);
    await cli.here(['reset', 'task-001']);
    cli.write('words', 'better');
    expect((await cli.run(run)).code).toBe(0);
  });

  test('an audit takes them when it begins, and what changes meanwhile proves nothing', async () => {
    const cli = await withTask();
    cli.write('words', 'x');
    expect((await cli.here(['run', '--exec', 'cat'])).code).toBe(0);
    const audit = ['audit', '--check-file', 'words', '--check'];
    expect((await cli.run([...audit, 'grep -qf words'])).code).toBe(0);
    const { stdout, code } = await cli.run([...audit, 'echo other > words']);
    expect(code).toBe(1);
    expect(stdout).toContain('run-check: tampered while the check ran: words has changed');
  });

  test.each<[string, string[], string]>([
    ['a missing file', [...check, '--check-file', 'none'], 'The check file none cannot be read ('],
    ['a directory', [...check, '--check-file', 'home'], 'The check file home cannot be read ('],
    ['a blank name', [...check, '--check-file', ' '], 'Expected --check-file to be a text'],
    [
      'a file without a check',
      ['--check-file', 'home'],
      '--check-file names what --check uses; give that too',
    ],
    ['one where nothing is verified', ['--check-file', 'home', '--no-verify'], 'contradict each other'],
  ])('%s is refused by run and by audit, and nothing is done', async (_, args, message) => {
    const cli = await withTask();
    await cli.add({ description: 'done', id: 'done' });
    await cli.here(['run', 'done', '--exec', 'cat']);
    for (const command of [['run', '--exec', 'cat'], ['audit']]) {
      if (command[0] === 'audit' && args.includes('--no-verify')) continue;
      const { stdout, stderr, code } = await cli.run([...command, ...args]);
      expect({ stdout, stderr, code }).toEqual({
        stdout: '',
        stderr: expect.stringContaining(message),
        code: 2,
      });
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    expect((await cli.tasks())[0]).toMatchObject({ status: 'pending', attempts: 0 });
  });

  test.each(['1', '[1]', '{}', 'true'])('%s in a config file is no list of files', async (value) => {
    const cli = await withTask();
    cli.write('orch.config.json', `{ "run": { "checkFile": ${value} } }`);
    expect(await cli.here(['run', '--exec', 'cat'])).toMatchObject({
      code: 2,
      stderr: `Expected run.checkFile in orch.config.json to be a list of texts, or one text with commas, got ${value}\n`,
    });
  });
});
