import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';

/** One completed, one failed, one pending task that comes after the first. */
async function mixed(): Promise<Cli> {
  const cli = new Cli();
  await cli.add(
    { description: 'echo one', tags: ['a'], metadata: { n: '1' } },
    { description: 'exit 3', tags: ['a', 'b'], maxAttempts: 1 },
  );
  await cli.here(['run', '--exec', 'sh']);
  await cli.here(['add', 'later, "quoted"', '--after', 'task-001', '--check', 'true']);
  return cli;
}

describe('orch export', () => {
  test('whole tasks, one a line; import into another store gives the same', async () => {
    const cli = await mixed();
    const imported = await cli.sh('orch export | orch --store other.json import');
    expect(imported).toEqual({ stdout: 'task-001\ntask-002\ntask-003\n', stderr: '', code: 0 });
    const other = await cli.run(['--store', 'other.json', 'list', '--json']);
    expect(other.stdout).toBe((await cli.here(['list', '--json'])).stdout);
    const added = await cli.run(['--store', 'other.json', 'add', 'next']);
    expect(added.stdout).toBe('task-004\n');
    const again = await cli.sh('orch export -o all.json && orch --store other.json import all.json');
    expect(again).toEqual({ stdout: '', stderr: '3 tasks there already, unchanged\n', code: 0 });
  });

  test('by status, tag and ids', async () => {
    const cli = await mixed();
    const ids = async (...args: string[]) => {
      const { stdout } = await cli.here(['export', ...args]);
      return jsonLines(stdout).map(({ id }) => id);
    };
    expect(await ids('--status', 'completed')).toEqual(['task-001']);
    expect(await ids('--tag', 'a')).toEqual(['task-001', 'task-002']);
    expect(await ids('--tag', 'a', '--status', 'failed')).toEqual(['task-002']);
    expect(await ids('task-003', 'task-001')).toEqual(['task-001', 'task-003']);
    expect(await cli.here(['export', '--tag', 'none'])).toEqual({
      stdout: '',
      stderr: 'No task matches; nothing was exported\n',
      code: 0,
    });
  });

  test('takes ranges, statuses and tags, as other commands do', async () => {
    const cli = await mixed();
    const { stdout } = await cli.here(['export', 'task-001..task-009', '--status', 'failed,pending']);
    const ids = jsonLines(stdout).map(({ id }) => id);
    const expected = (await cli.tasks()).filter(({ status }) => status !== 'completed').map(({ id }) => id);
    expect(ids).toEqual(expected);
    expect(ids.length).toBeGreaterThan(0);
  });

  test('csv for spreadsheets', async () => {
    const cli = await mixed();
    const [header, first, second, third] = (await cli.here(['export', '--format', 'csv'])).stdout.split('\n');
    expect(header).toBe(
      'id,status,description,result,encoding,verified,confidence,error,best,attempts,maxAttempts,priority,after,notBefore,criteria,check,expect,schema,tags,createdAt,startedAt,endedAt,inputTokens,outputTokens,costUsd,metadata.n',
    );
    expect(first).toMatch(/^task-001,completed,echo one,"one$/);
    expect(second).toMatch(/^",,false,/);
    expect(third).toMatch(/^task-002,failed,exit 3,,,,/);
  });

  test('csv and md say which result is no text', async () => {
    const cli = new Cli();
    await cli.add('printf "\\377"');
    await cli.add({ description: 'printf "\\377"; exit 3', maxAttempts: 1 });
    await cli.here(['run', '--exec', 'sh']);
    const { stdout } = await cli.here(['export', '--format', 'csv']);
    expect(stdout).toContain(',/w==,base64,false,');
    expect(stdout).toMatch(/^task-002,failed,.*,,base64,.*,\/w==,1,/m);
    const sections = (await cli.here(['export', '--format', 'md'])).stdout;
    expect(sections).toContain('**Result, which is no text, in base64**');
    expect(sections).toContain('**Best output, which is no text, in base64**');
  });

  test('-o writes a file whole, by its ending, and follows a link', async () => {
    const cli = await mixed();
    cli.write('real.md', 'before');
    symlinkSync('real.md', cli.path('link.md'));
    expect(await cli.here(['export', 'task-001', '-o', 'link.md'])).toEqual({
      stdout: '',
      stderr: '',
      code: 0,
    });
    expect(cli.read('real.md')).toMatch(
      /^## task-001\n\ncompleted, unverified, 1 attempt, tags: a\n\n\*\*Task\*\*/,
    );
    await cli.here(['export', '-o', 'out.json']);
    const tasks = await cli.tasks();
    expect(JSON.parse(cli.read('out.json'))).toEqual(tasks);
    expect(readdirSync(cli.dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('credentials of this environment are taken out, in files too', async () => {
    const cli = new Cli();
    const key = 'sk-ant-api03-0123456789abcdefghij';
    await cli.here(['add', `say ${key}`]);
    const env = { ANTHROPIC_API_KEY: key };
    await cli.run(['export', '-o', 'out.jsonl'], { env });
    expect(cli.read('out.jsonl')).toContain('say [redacted]');
    expect((await cli.run(['export'], { env })).stdout).toContain('say [redacted]');
    const all = (await cli.here(['export'])).stdout;
    const imported = await cli.run(['--store', 'b.json', 'import'], { input: all, env });
    expect(imported.stderr).toContain('held a credential');
    expect((await cli.run(['--store', 'b.json', 'list', '--json'])).stdout).toContain('say [redacted]');
  });

  test.each<[string, string[], string]>([
    ['an unknown id', ['export', 'task-001', 'nope', '-o', 'out.json'], 'There is no task "nope"'],
    ['a directory', ['export', '-o', 'folder'], 'folder is a directory'],
    ['a device', ['export', '-o', '/dev/null'], '/dev/null is no regular file'],
    [
      'a folder that is not there',
      ['export', '-o', 'none/out.json'],
      'none/out.json cannot be written: its folder is not there; give another path',
    ],
    ["the store's own file", ['export', '-o', './tasks.json'], 'belongs to the store'],
    ["the store's journal", ['export', '-o', 'tasks.json.journal'], 'belongs to the store'],
    ['csv as JSON', ['export', '--json', '--format', 'csv'], '--json and --format csv contradict each other'],
    ['a store that is not there', ['--store', 'no.json', 'export'], 'no.json'],
  ])('%s: one sentence, code 2, nothing written', async (_, args, message) => {
    const cli = new Cli();
    await cli.add('x');
    mkdirSync(cli.path('folder'));
    const { stdout, stderr, code } = await cli.run(args);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(existsSync(cli.path('out.json'))).toBe(false);
    expect(await cli.tasks()).toHaveLength(1);
  });
});

describe('orch import', () => {
  const task = {
    id: 'x',
    description: 'd',
    status: 'pending',
    attempts: 0,
    priority: 0,
    createdAt: '2026-01-01T00:00:00Z',
    history: [],
  };
  const lines = (...tasks: object[]) => tasks.map((each) => JSON.stringify(each)).join('\n');

  test.each<[string, string[], string, string]>([
    ['a line that is not JSON', [], `${lines(task)}\n{oops`, 'standard input, line 2: this is not JSON'],
    ['a row of data', [], lines({ description: 'x' }), 'line 1: this is no whole task'],
    [
      'a field of a wrong type',
      [],
      lines({ ...task, attempts: -1 }),
      'line 1: Task x cannot be saved at attempts',
    ],
    [
      'another task under a known id',
      [],
      lines({ ...task, id: 'y' }, { ...task, id: 'there' }),
      'line 2: Task there is in the store already',
    ],
    [
      'a missing dependency',
      [],
      `\n${lines(task, { ...task, id: 'y', after: ['z'] })}`,
      'line 3: Task y comes after z',
    ],
    [
      'a circle',
      [],
      lines({ ...task, after: ['y'] }, { ...task, id: 'y', after: ['x'] }),
      'line 1: These tasks would wait for each other in a circle: x -> y -> x',
    ],
    [
      'a result of what is pending',
      [],
      lines({ ...task, result: 'r' }),
      'line 1: Task x is pending, and has a "result"',
    ],
    [
      'an error of what is pending',
      [],
      lines(task, { ...task, id: 'y', error: { kind: 'failed', message: 'no' } }),
      'line 2: Task y is pending, and has an "error"',
    ],
    [
      'a cost below nothing',
      [],
      lines({ ...task, usage: { inputTokens: 1, outputTokens: 1, costUsd: -5 } }),
      'Task x cannot be saved at usage.costUsd: this must be a number of at least 0',
    ],
    ['json that is no list', ['--format', 'json'], lines(task), 'expected a list'],
    ['csv', ['rows.csv'], '', 'rows.csv looks like csv'],
    ['a missing file', ['none.jsonl'], '', 'There is no file none.jsonl'],
  ])('%s: one sentence with its line, code 2, nothing taken', async (_, args, input, message) => {
    const cli = new Cli();
    await cli.here(['add', '--id', 'there', 'other']);
    const { stdout, stderr, code } = await cli.here(['import', ...args], { input });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(await cli.tasks()).toHaveLength(1);
  });

  test('nothing is no error', async () => {
    const cli = new Cli();
    const { stdout, stderr, code } = await cli.here(['import']);
    expect({ stdout, stderr, code }).toEqual({
      stdout: '',
      stderr: 'There is no task in it; nothing was imported\n',
      code: 0,
    });
  });
});

describe('batch requests', () => {
  const request = (id: string, content: string, model = 'm') =>
    `${JSON.stringify({ custom_id: id, params: { model, max_tokens: 9, messages: [{ role: 'user', content }] } })}\n`;

  test('come in as tasks, once', async () => {
    const cli = new Cli();
    const input = request('a', 'one') + request('b', 'two');
    expect(await cli.here(['import'], { input })).toEqual({ stdout: 'a\nb\n', stderr: '', code: 0 });
    expect(await cli.tasks()).toMatchObject([
      { id: 'a', description: 'one', status: 'pending', metadata: { model: 'm', max_tokens: 9 } },
      { id: 'b' },
    ]);
    const more = await cli.here(['import'], { input: input + request('c', 'three') });
    expect(more).toEqual({ stdout: 'c\n', stderr: '2 tasks there already, unchanged\n', code: 0 });
  });

  test.each([
    ['another text under a known id', request('b', 'other'), 'line 2: Task b is in the store already'],
    ['another model under a known id', request('b', 'two', 'n'), 'line 2: Task b is in the store already'],
    [
      'what no task can hold',
      '{"custom_id":"c","params":{"messages":[],"tools":[]}}',
      'line 2: params.tools cannot',
    ],
  ])('%s: refused with its line, nothing taken', async (_, row, message) => {
    const cli = new Cli();
    await cli.here(['import'], { input: request('b', 'two') });
    const { stdout, stderr, code } = await cli.here(['import'], { input: request('new', 'x') + row });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(`standard input, ${message}`);
    expect(await cli.tasks()).toHaveLength(1);
  });
});
