import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';

interface Kept {
  status: string;
  history: Array<{ outcome: string; verdict: { feedback: string }; evidence: Array<{ verifier: string }> }>;
}

async function kept(cli: Cli): Promise<Kept[]> {
  return (await cli.tasks()) as unknown as Kept[];
}

const names = ({ history }: Kept) => history.map(({ evidence }) => evidence.map(({ verifier }) => verifier));

describe('--cwd', () => {
  test('is where the command and all checks work', async () => {
    const cli = new Cli();
    mkdirSync(cli.path('work'));
    await cli.run(['add', 'x', '--check', 'pwd; exit 1']);
    await cli.run(['add', 'y']);
    const run = ['run', '--no-retry', '--exec', 'pwd', '--check', 'grep -qx "$(pwd)"', '--cwd', 'work'];
    expect((await cli.run(run)).code).toBe(1);
    const [checked, done] = await kept(cli);
    expect(checked!.history[0]!.verdict.feedback).toBe(cli.path('work'));
    expect(done).toMatchObject({ status: 'completed', result: `${cli.path('work')}\n` });
  });

  test('of a config file is taken from its own folder', async () => {
    const cli = new Cli();
    mkdirSync(cli.path('sub/work'), { recursive: true });
    cli.write('sub/orch.config.json', '{ "run": { "cwd": "work", "exec": "pwd" } }');
    await cli.run(['add', 'x']);
    expect((await cli.run(['run', '--config', 'sub/orch.config.json'])).code).toBe(0);
    expect(await cli.tasks()).toMatchObject([{ result: `${cli.path('sub/work')}\n` }]);
  });

  test.each(['none', 'file'])('that is none is refused before anything runs: %s', async (cwd) => {
    const cli = new Cli();
    cli.write('file', '');
    await cli.run(['add', 'x']);
    const { code, stderr } = await cli.run(['run', '--exec', 'true', '--cwd', cwd]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `Expected --cwd to be a folder, got "${cwd}"\n` });
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }]);
  });
});

describe('--expect and --schema', () => {
  test('a task is judged by its own and by the run’s, the cheapest first, and show names them', async () => {
    const cli = new Cli();
    cli.write('own.json', '{ "type": "object" }');
    cli.write('run.json', '{ "required": ["a"] }');
    const add = ['add', 'x', '--check', 'true', '--schema', 'own.json', '--expect', 'a'];
    expect((await cli.run(add)).code).toBe(0);
    const run = [
      'run',
      '--exec',
      `echo '{"a":1}'`,
      '--expect',
      '\\}$',
      '--schema',
      'run.json',
      '--check',
      'true',
    ];
    expect(await cli.run(run)).toMatchObject({ code: 0 });
    const [task] = await kept(cli);
    expect(task).toMatchObject({ status: 'completed', schema: { type: 'object' }, expect: 'a' });
    const all = ['expect', 'run-expect', 'schema', 'run-schema', 'check', 'run-check'];
    expect(names(task!)).toEqual([all]);
    const { stdout } = await cli.run(['show', 'task-001']);
    for (const name of all) expect(stdout).toContain(`  - ${name}: passed with confidence 1\n`);
    expect(stdout).toContain('  schema      {"type":"object"}\n');
  });

  test('a rejection says what was expected, and nothing dearer is asked', async () => {
    const cli = new Cli();
    await cli.run(['add', 'x', '--expect', '^b']);
    const exec = 'test -n "$ORCH_FEEDBACK" && echo b || echo a';
    expect((await cli.run(['run', '--exec', exec, '--check', 'true'])).code).toBe(0);
    const [task] = await kept(cli);
    expect(task!.history[0]!.verdict.feedback).toContain('to match the regular expression ^b');
    expect(names(task!)).toEqual([['expect'], ['expect', 'run-check']]);
  });

  test('rows have them too', async () => {
    const cli = new Cli();
    const row = { description: 'x', expect: 'a', schema: { type: 'string' } };
    await cli.run(['add', '-', '--format', 'jsonl'], { input: JSON.stringify(row) });
    expect(await cli.tasks()).toMatchObject([row]);
  });

  test.each<[string, string[], string]>([
    ['no regular expression', ['--expect', '('], '--expect: "(" is no regular expression ('],
    ['a blank one', ['--expect', ' '], 'Expected --expect to be a text'],
    ['no file', ['--schema', 'none.json'], 'There is no file none.json'],
    ['a directory', ['--schema', 'home'], 'home is a directory'],
    ['no JSON', ['--schema', 'text.json'], 'text.json is not JSON ('],
    ['no object', ['--schema', 'list.json'], 'Expected list.json to be an object'],
    ['no schema', ['--schema', 'odd.json'], 'odd.json: The schema is no JSON Schema 2020-12 ('],
  ])('%s is refused by add and by run, and nothing is done', async (_, args, message) => {
    const cli = new Cli();
    cli.write('text.json', 'text');
    cli.write('list.json', '[]');
    cli.write('odd.json', '{ "type": "text" }');
    await cli.run(['add', 'x']);
    for (const command of [
      ['add', 'y'],
      ['run', '--exec', 'cat'],
    ]) {
      const { code, stderr } = await cli.run([...command, ...args]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    expect(await cli.tasks()).toMatchObject([{ status: 'pending' }]);
  });

  test.each<[string, object, string]>([
    ['expect', { expect: '(' }, 'line 2: "expect": "(" is no regular expression ('],
    ['schema', { schema: { type: 'text' } }, 'line 2: The schema is no JSON Schema 2020-12 ('],
    ['schema', { schema: 'text' }, 'line 2: expected "schema" to be an object'],
  ])('a row whose %s is none adds no task', async (_, odd, message) => {
    const cli = new Cli();
    const input = [{ description: 'x' }, { description: 'y', ...odd }]
      .map((row) => JSON.stringify(row))
      .join('\n');
    const { code, stderr } = await cli.run(['add', '-', '--format', 'jsonl'], { input });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect((await cli.run(['list'])).code).toBe(2);
  });
});
