import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, HAS_SCRIPT, ORCH, resultOf } from '../support/cli.ts';

const pretend = (code: string) => ({
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}`,
});

describe('bin/orch.js', () => {
  test('on an older Node it says in one sentence what to do', async () => {
    const env = pretend("Object.defineProperty(process.versions,'node',{value:'22.17.9'})");
    const { stdout, stderr, code } = await new Cli().run(['--version'], { env });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toBe(
      'orch needs Node 22.18 or newer and found 22.17.9; install a newer one from nodejs.org.\n',
    );
  });

  test('on Windows it points to WSL', async () => {
    const env = pretend("Object.defineProperty(process,'platform',{value:'win32'})");
    const { stderr, code } = await new Cli().run(['--version'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^[^\n]*WSL\.\n$/);
  });

  test('without a build it says how to make one', async () => {
    const cli = new Cli();
    writeFileSync(cli.path('orch.mjs'), readFileSync(ORCH));
    const { stderr, code } = await cli.sh(`"${process.execPath}" orch.mjs`);
    expect({ stderr, code }).toEqual({
      stderr: 'orch is not built yet; run `npm run build` first.\n',
      code: 2,
    });
  });
});

describe('orch', () => {
  test('-V prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await new Cli().run(['-V'])).toEqual({ stdout: `${version}\n`, stderr: '', code: 0 });
  });

  test('help goes to stdout where it is asked for, to stderr where a command is missing', async () => {
    const cli = new Cli();
    expect(await cli.run(['--help'])).toMatchObject({
      stdout: expect.stringContaining('Usage: orch'),
      stderr: '',
      code: 0,
    });
    const run = await cli.run(['run', '--help']);
    expect(run).toMatchObject({ stderr: '', code: 0 });
    expect(run.stdout).toContain('--concurrency <n>');
    expect(run.stdout).not.toContain('--sample');
    expect(await cli.run([])).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('Usage: orch'),
      code: 2,
    });
  });

  test('an unknown command is one sentence, as JSON where that is asked for', async () => {
    const cli = new Cli();
    expect(await cli.run(['lst'])).toEqual({
      stdout: '',
      stderr: "Unknown command 'lst'; did you mean list?\n",
      code: 2,
    });
    const json = await cli.run(['lst', '--json']);
    expect(JSON.parse(json.stderr)).toEqual({
      schemaVersion: 1,
      error: { code: 'usage', message: "Unknown command 'lst'; did you mean list?" },
    });
  });

  test.each<[string, string]>([
    ['st', "Unknown command 'st'; did you mean status or stop?"],
    ['stat', "Unknown command 'stat'; did you mean status?"],
    ['re', "Unknown command 're'; did you mean reset or retry or remove or resume?"],
    ['ls', "Unknown command 'ls'; did you mean list?"],
    ['exlpain', "Unknown command 'exlpain'; did you mean explain?"],
    ['init', "Unknown command 'init'; orch --help lists those there are"],
    ['delete', "Unknown command 'delete'; orch --help lists those there are"],
    ['a, b', "Unknown command 'a, b'; orch --help lists those there are"],
    ['run --simulte', "Unknown option '--simulte'; did you mean --simulate?"],
    ['run --no-verfy', "Unknown option '--no-verfy'; did you mean --no-verify?"],
    ['run --max-t', "Unknown option '--max-t'; did you mean --max-tokens or --max-task-cost?"],
    [
      'run --max',
      "Unknown option '--max'; did you mean --max-tokens, --max-attempts, --max-failures, --max-failure-rate, --max-cost and 3 more?",
    ],
    ['add --pri=5 x', "Unknown option '--pri=5'; did you mean --priority?"],
    ['list --quit', "Unknown option '--quit'; did you mean --quiet?"],
    ['run -z', "Unknown option '-z'; orch help run lists those there are"],
    ['--foo', "Unknown option '--foo'; orch --help lists those there are"],
    ['status a', 'orch status takes no arguments, got "a"; orch status --help has examples'],
    ['show a b', 'orch show takes 1 argument, got "a", "b"; orch show --help has examples'],
    ['show', 'orch show needs <id>; orch show --help has examples'],
    ['completion', 'orch completion needs <shell>; orch completion --help has examples'],
    ['list --limit', '--limit needs a value: --limit <n>'],
    ['add --priority', '--priority needs a value: --priority <n>'],
    ['completion tcsh', 'Expected <shell> to be one of bash, zsh, fish, powershell, got "tcsh"'],
  ])('orch %s is a usage error in one sentence of ours', async (line, message) => {
    const args = line === 'a, b' ? [line] : line.split(' ');
    expect(await new Cli().here(args)).toEqual({ stdout: '', stderr: `${message}\n`, code: 2 });
  });

  test.each([
    [['--json'], 'Give a command; orch --help lists them'],
    [['-q', '--json'], 'Give a command; orch --help lists them'],
    [['--json', 'help', 'nope'], "Unknown command 'nope'; orch --help lists those there are"],
  ])('%j is a usage error as JSON', async (args, message) => {
    const { stdout, stderr, code } = await new Cli().run(args);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(JSON.parse(stderr)).toEqual({ schemaVersion: 1, error: { code: 'usage', message } });
  });

  test('help for an unknown command says that it is unknown', async () => {
    const { stdout, stderr, code } = await new Cli().run(['help', 'nope']);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toBe("Unknown command 'nope'; orch --help lists those there are\n");
    expect((await new Cli().run(['help', 'list'])).stdout).toContain('Usage: orch list');
  });

  test('an argument in a message cannot steer the terminal', async () => {
    const cli = new Cli();
    await cli.run(['add', 'x']);
    for (const args of [
      ['a\u001b[31mb'],
      ['show', 'a\u001b[31mb\u202e'],
      ['list', '--store', 'a\u001b[31mb'],
    ]) {
      const { stderr, code } = await cli.run(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/a.*b/);
      expect(stderr.trimEnd()).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  });

  test('ORCH_DEBUG=1 shows where an error came from; otherwise no stack is shown', async () => {
    const cli = new Cli();
    const plain = await cli.run(['list']);
    expect(plain.code).toBe(2);
    expect(plain.stderr).toMatch(/^[^\n]*tasks\.json[^\n]*\n$/);
    expect((await cli.run(['list'], { env: { ORCH_DEBUG: '1' } })).stderr).toMatch(/\n\s+at /);
  });

  test.each(['mysql', 'jdbc:postgresql', 'postgresql+psycopg', 'postgres:/'])(
    'a store of another kind is refused, not made a file: %s',
    async (kind) => {
      const store = kind.endsWith('/') ? `${kind}user:secret@host/db` : `${kind}://user:secret@host/db`;
      const { stderr, code } = await new Cli().run(['add', 'x', '--store', store]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^The store is \S+\.\.\.: it is of a kind that orch does not know; /);
      expect(stderr).not.toContain('secret');
    },
  );

  test('a URL in quotes, as some files of variables keep them, is no path', async () => {
    const env = { ORCH_STORE: '"postgres://user:secret@host/db"' };
    expect(await new Cli().here(['add', 'x'], { env })).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: 'The store begins with a quote or a blank; give its URL without any\n',
    });
  });
});

describe('colour', () => {
  test('comes with FORCE_COLOR, and goes with NO_COLOR, --no-color and --json', async () => {
    const cli = new Cli();
    await cli.run(['add', 'x']);
    const list = async (args: string[], env: Record<string, string>) =>
      (await cli.run(['list', ...args], { env })).stdout;
    await cli.run(['run', '--exec', 'cat']);
    const colour = '\u001b';
    expect(await list([], {})).not.toContain(colour);
    expect(await list([], { FORCE_COLOR: '1' })).toContain(colour);
    expect(await list([], { FORCE_COLOR: '0' })).not.toContain(colour);
    expect(await list([], { FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain(colour);
    expect(await list([], { FORCE_COLOR: '1', NO_COLOR: '' })).toContain(colour);
    expect(await list(['--no-color'], { FORCE_COLOR: '1' })).not.toContain(colour);
    expect(await list(['--json'], { FORCE_COLOR: '1' })).not.toContain(colour);
  });
});

test.skipIf(!HAS_SCRIPT)('NO_COLOR with FORCE_COLOR brings no warning of Node', async () => {
  const cli = new Cli();
  await cli.run(['add', 'x']);
  const terminal = cli.terminal('NO_COLOR=1 FORCE_COLOR=1 orch run --exec cat');
  const { stdout, code } = await resultOf(terminal);
  expect(code).toBe(0);
  expect(stdout).not.toContain('Warning');
});

describe('a shell script', () => {
  test('works as the documentation says', async () => {
    const cli = new Cli();
    cli.write('home/orch', `#!/bin/sh\nexec "${process.execPath}" "${ORCH}" "$@"\n`);
    chmodSync(cli.path('home/orch'), 0o755);
    symlinkSync(process.execPath, cli.path('home/node'));
    const script = new URL('./script.sh', import.meta.url).pathname;
    const env = { PATH: `${cli.path('home')}:${process.env.PATH}` };
    expect(await cli.sh(`sh "${script}"`, { env })).toEqual({ stdout: 'fine\n', stderr: '', code: 0 });
  });
});
