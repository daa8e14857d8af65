import { mkdirSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, HAS_SCRIPT, jsonLines, preload, resultOf, says } from '../../support/cli.ts';
import { ClockFile, inEmulator } from '../../support/screens.ts';

const OWN = '{ "version": 1, "revision": 0, "nextId": 1, "tasks": [] }';

/** A folder with a store and a config file of a user's own, and a temporary folder that nobody else uses. */
function someonesFolder(): Cli {
  const cli = new Cli();
  cli.write('tasks.json', OWN);
  cli.write('orch.config.json', '{ "run": { "exec": "touch ran; false" } }');
  mkdirSync(cli.path('tmp'));
  return cli;
}

/** Node would keep its compile cache there. */
const env = (cli: Cli): Record<string, string> => ({
  TMPDIR: cli.path('tmp'),
  NODE_DISABLE_COMPILE_CACHE: '1',
});

function expectUntouched(cli: Cli): void {
  expect(readdirSync(cli.path('tmp'))).toEqual([]);
  expect(cli.read('tasks.json')).toBe(OWN);
  expect(readdirSync(cli.dir).toSorted()).toEqual(['home', 'orch.config.json', 'tasks.json', 'tmp']);
}

interface Told {
  event: string;
  task: { id: string; status: string; attempts: number };
  cause: string;
  reason: string;
  attempt: number;
}

describe('orch demo', () => {
  test('is a real run: one task is rejected and mended with the feedback, another waits for it', async () => {
    const cli = someonesFolder();
    const { stdout, stderr, code } = await cli.run(['demo', '--json'], { env: env(cli) });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const events = jsonLines(stdout) as unknown as Told[];
    const of = (name: string) => events.filter(({ event }) => event === name);
    expect(of('task:retry')).toMatchObject([{ task: { id: 'haiku' }, cause: 'rejected', attempt: 1 }]);
    expect(of('task:execute')).toContainEqual(
      expect.objectContaining({
        task: expect.objectContaining({ id: 'haiku' }),
        attempt: 2,
        result: expect.objectContaining({
          output: expect.stringContaining(`Mended as asked for: ${of('task:retry')[0]!.reason}`),
        }),
      }),
    );
    const completed = of('task:complete').map(({ task }) => task);
    expect(completed.map(({ id }) => id).toSorted()).toEqual(['haiku', 'summary', 'title']);
    expect(completed).toContainEqual(expect.objectContaining({ id: 'haiku', attempts: 2 }));
    const at = (name: string, id: string) =>
      events.findIndex(({ event, task }) => event === name && task?.id === id);
    expect(at('task:start', 'title')).toBeGreaterThan(at('task:complete', 'haiku'));
    expectUntouched(cli);
  });

  test('piped it is plain, says what is done and what to type next, and names nothing that is gone', async () => {
    const cli = someonesFolder();
    const { stdout, stderr, code } = await cli.run(['demo'], { env: env(cli) });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes and carriage returns are what is looked for
    expect(stdout).not.toMatch(/[\u001b\r]/);
    expect(stdout).not.toContain('orch-demo-');
    for (const line of [
      '$ orch add --id title --after haiku "Give this haiku a title: {{haiku}}"',
      '✓ haiku     completed  at attempt 2',
      '3 tasks: ✓ 3 completed, ✗ 0 failed, ▶ 0 running, · 0 pending',
      '✓ haiku is completed after 2 attempts',
      'Now yours:',
    ]) {
      expect(stdout.split('\n')).toContain(line);
    }
    expect(stdout).toMatch(/^3 completed, 0 failed, 1 retried, success rate 100 %, /m);
    expectUntouched(cli);
  });

  test('what it says to type next works', async () => {
    const cli = new Cli();
    const { stdout } = await cli.run(['demo']);
    const next = stdout.slice(stdout.indexOf('Now yours:')).match(/^ {2}orch .*?(?= {2})/gm) ?? [];
    expect(next.map((line) => line.trim().split(' ')[1])).toEqual(['add', 'run', 'run', 'run', '--help']);
    for (const command of next.filter((line) => line.trim() !== 'orch run'))
      expect(await cli.sh(command)).toMatchObject({ code: 0, stderr: '' });
  });

  test.skipIf(!HAS_SCRIPT)('on a terminal it has colours, and the bar', async () => {
    const { stdout, code } = await resultOf(new Cli().terminal('orch demo'));
    expect(code).toBe(0);
    expect(stdout).toContain(`\u001b[32m${'✓'.repeat(60)}\u001b[39m`);
  });

  test.each([40, 80])('on a terminal of %i columns it breaks no word', async (columns) => {
    const cli = new Cli();
    new ClockFile(cli);
    const words = (text: string) => text.split(/\s+/).filter((word) => !/[\d✓…]/.test(word));
    const known = new Set(words((await cli.run(['demo'])).stdout));
    const screen = await inEmulator(cli, ['demo'], { columns, rows: 150 });
    const shown = (await screen.until((text) => /code \d+$/.test(text))).replace(/code 0$/, '');
    // Before this are lines that are cut, and commands to be typed, which stay whole.
    const text = shown.slice(shown.indexOf('What came of it'));
    expect(words(text).filter((word) => !known.has(word))).toEqual([]);
    expect(shown).toMatch(/check\s+it\s+\(set ANTHROPIC_API_KEY\)/);
  });

  test('without a place for its folder it says what to do', async () => {
    const cli = new Cli();
    const { stdout, stderr, code } = await cli.run(['demo'], { env: { TMPDIR: cli.write('file', '') } });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(
      /^No scratch folder can be made: ENOTDIR.*; set TMPDIR to a folder that can be written\n$/,
    );
  });

  describe('that is stopped leaves nothing behind', () => {
    const stuck = (cli: Cli) => ({
      env: { ...env(cli), NODE_OPTIONS: `--import=${preload('endless-latency.ts')}` },
    });

    test('by Ctrl-C, twice', async () => {
      const cli = someonesFolder();
      const child = cli.start(['demo'], stuck(cli));
      const result = resultOf(child);
      await says(child, 'haiku     started', 'stdout');
      expect(readdirSync(cli.path('tmp'))).toHaveLength(1);
      const heard = says(child, 'Ctrl-C again');
      child.kill('SIGINT');
      await heard;
      child.kill('SIGINT');
      const { stdout, code } = await result;
      expect(code).toBe(130);
      expect(stdout).not.toContain('Now yours');
      expectUntouched(cli);
    });

    test.each([
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const)('by %s', async (signal, expected) => {
      const cli = someonesFolder();
      const child = cli.start(['demo'], stuck(cli));
      const result = resultOf(child);
      await says(child, 'haiku     started', 'stdout');
      child.kill(signal);
      expect((await result).code).toBe(expected);
      expectUntouched(cli);
    });
  });
});
