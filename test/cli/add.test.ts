import { existsSync, mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';

describe('orch add', () => {
  test('prints the id alone, so that a script can keep it', async () => {
    const cli = new Cli();
    expect(await cli.run(['add', 'Write', 'a haiku'])).toEqual({ stdout: 'task-001\n', stderr: '', code: 0 });
    expect(await cli.tasks()).toMatchObject([
      { id: 'task-001', description: 'Write a haiku', status: 'pending' },
    ]);
  });

  test('takes everything that a task can be told', async () => {
    const cli = new Cli();
    await cli.here(['add', 'first']);
    const options = [
      '-p',
      '-5',
      '--after',
      'task-001',
      '--id',
      'own.id',
      '--max-attempts',
      '2',
      '--criteria',
      'short',
    ];
    const more = ['--check', 'true', '--tag', 'a,b', '--tag', 'c', '--meta', 'k=v=w', '--meta', 'n=1'];
    const added = await cli.run([
      'add',
      ...options,
      ...more,
      '--not-before',
      '2030-01-02T03:04Z',
      'the',
      'words',
      '--json',
    ]);
    expect(added.code).toBe(0);
    expect(JSON.parse(added.stdout)).toMatchObject({
      id: 'own.id',
      description: 'the words',
      priority: -5,
      after: ['task-001'],
      maxAttempts: 2,
      criteria: 'short',
      check: 'true',
      tags: ['a', 'b', 'c'],
      metadata: { k: 'v=w', n: '1' },
      notBefore: '2030-01-02T03:04:00.000Z',
    });
  });

  test('options with several values never eat the description', async () => {
    const cli = new Cli();
    const added = await cli.run(['add', '--tag', 'a', '--meta', 'k=v', 'do it', '--json']);
    expect(JSON.parse(added.stdout)).toMatchObject({ description: 'do it', tags: ['a'] });
  });

  test('a duration as --not-before counts from now', async () => {
    const cli = new Cli();
    const before = Date.now();
    const { notBefore } = JSON.parse((await cli.here(['add', '--not-before', '10m', 'x', '--json'])).stdout);
    expect(Date.parse(notBefore)).toBeGreaterThanOrEqual(before + 600_000);
    expect(Date.parse(notBefore)).toBeLessThanOrEqual(Date.now() + 600_000);
  });

  test.each([
    ['2026-12-24', '2026-12-24T05:00:00.000Z'],
    ['2026-12-24T00:00', '2026-12-24T05:00:00.000Z'],
    ['2026-12-24T00:00Z', '2026-12-24T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T05:00:00.000Z'],
  ])('--not-before %s is taken for local time where it has no zone', async (given, meant) => {
    const added = await new Cli().run(['add', '--not-before', given, 'x', '--json'], {
      env: { TZ: 'America/New_York' },
    });
    expect(JSON.parse(added.stdout)).toMatchObject({ notBefore: meant });
  });

  test('the same task under its own id is added once; another text under it is refused', async () => {
    const cli = new Cli();
    for (let i = 0; i < 2; i++) {
      expect(await cli.run(['add', '--id', 'a', 'x'])).toEqual({ stdout: 'a\n', stderr: '', code: 0 });
    }
    const other = await cli.here(['add', '--id', 'a', 'y']);
    expect(other).toMatchObject({ stdout: '', code: 2 });
    expect(other.stderr).toContain('a is taken');
    expect(await cli.tasks()).toHaveLength(1);
  });

  test('- reads a task a line', async () => {
    const cli = new Cli();
    const added = await cli.run(['add', '-', '--tag', 't'], {
      input: '\ufeffone\r\n\n  # not this\n two \n',
    });
    expect(added).toEqual({ stdout: 'task-001\ntask-002\n', stderr: '', code: 0 });
    expect(await cli.tasks()).toMatchObject([{ description: 'one', tags: ['t'] }, { description: 'two' }]);
  });

  test('jsonl rows are tasks; what is no field of a task goes to metadata', async () => {
    const cli = new Cli();
    const rows = [
      { description: 'a', id: 'x', priority: 2, tags: 'one, two', question: '1+1?', metadata: { answer: 2 } },
      { description: 'b', after: ['x'], maxAttempts: 1, criteria: null },
    ];
    cli.write('tasks.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    const added = await cli.run(['add', '-f', 'tasks.jsonl', '-p', '7', '--tag', 'all']);
    expect(added).toEqual({ stdout: 'x\ntask-001\n', stderr: '', code: 0 });
    expect(await cli.tasks()).toMatchObject([
      { id: 'x', priority: 2, tags: ['one', 'two', 'all'], metadata: { question: '1+1?', answer: 2 } },
      { id: 'task-001', priority: 7, after: ['x'], maxAttempts: 1, tags: ['all'] },
    ]);
  });

  test('--format overrides the ending, and says how standard input reads', async () => {
    const cli = new Cli();
    cli.write('list.jsonl', 'plain words\n');
    expect((await cli.here(['add', '-f', 'list.jsonl', '--format', 'txt'])).stdout).toBe('task-001\n');
    const input = '{"description":"from stdin"}\n';
    expect((await cli.here(['add', '-', '--format', 'jsonl'], { input })).stdout).toBe('task-002\n');
    expect((await cli.tasks()).map((task) => task.description)).toEqual(['plain words', 'from stdin']);
  });

  test('--description-file is one task of many lines, 5 MB included', async () => {
    const cli = new Cli();
    const text = `first\n# second\n${'x'.repeat(5_000_000)}`;
    cli.write('long.md', text);
    expect((await cli.here(['add', '--description-file', 'long.md'])).stdout).toBe('task-001\n');
    expect((await cli.tasks())[0]?.description).toBe(text);
  });

  test.each([
    ['{"description":"x","id":"a b"}', '"a b" cannot be an id'],
    ['{"description":"x","id":"taken"}', 'The id taken is taken'],
    ['{"description":"x","id":"one"}', 'The id one is taken'],
    ['{"description":"x","after":"nope"}', 'There is no task nope'],
    ['{"description":"x","id":"x","after":["x"]}', 'x cannot come after itself'],
  ])('what the store refuses is told with file and line: %s', async (row, message) => {
    const cli = new Cli();
    await cli.here(['add', '--id', 'taken', 'something else']);
    const last = '{"description":"x","id":"last"}';
    cli.write('rows.jsonl', `{"description":"first","id":"one"}\n\n${row}\n${last}\n`);
    const { stderr, code } = await cli.here(['add', '-f', 'rows.jsonl']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^rows\.jsonl, line 3: [^\n]*\n$/);
    expect(stderr).toContain(message);
    expect(await cli.tasks()).toHaveLength(1);
  });

  const jsonl = (...rows: object[]) =>
    rows.map((row) => JSON.stringify({ description: 'x', ...row })).join('\n');

  test('a row may come after one on a later line', async () => {
    const cli = new Cli();
    const input = jsonl({ id: 'a', after: 'b' }, { id: 'b' });
    expect(await cli.here(['add', '-', '--format', 'jsonl'], { input })).toMatchObject({
      stdout: 'a\nb\n',
      code: 0,
    });
    const { stdout } = await cli.run(['run', '--exec', 'cat', '-j', '1', '--json']);
    const done = jsonLines(stdout).flatMap(({ event, task }) =>
      event === 'task:complete' ? [(task as { id: string }).id] : [],
    );
    expect(done).toEqual(['b', 'a']);
  });

  test('rows that would wait for each other are refused: the circle is named, with the first of its lines', async () => {
    const cli = new Cli();
    const input = jsonl(
      { id: 'first' },
      { id: 'a', after: 'b' },
      { id: 'b', after: ['first', 'c'] },
      { id: 'c', after: 'a' },
    );
    const { stdout, stderr, code } = await cli.here(['add', '-', '--format', 'jsonl'], { input });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toBe(
      'standard input, line 2: These tasks would wait for each other in a circle: a -> b -> c -> a; leave out one of these steps\n',
    );
    expect(existsSync(cli.path('tasks.json'))).toBe(false);
  });

  test('a task that would come after itself is refused', async () => {
    const cli = new Cli();
    expect(await cli.here(['add', '--id', 'a', '--after', 'a', 'x'])).toMatchObject({
      stdout: '',
      stderr: 'Task a cannot come after itself; leave that out\n',
      code: 2,
    });
  });

  test('a row whose `after` is on an earlier line is not taken for the one at fault', async () => {
    const cli = new Cli();
    const rows = [{ id: 'one' }, { after: 'one' }, { after: ['one', 'none'] }];
    const input = rows.map((row) => JSON.stringify({ description: 'x', ...row })).join('\n');
    const { stderr } = await cli.here(['add', '-', '--format', 'jsonl'], { input });
    expect(stderr).toMatch(/^standard input, line 3: There is no task none/);
  });

  test('what is wrong with an option is not told of a line', async () => {
    const cli = new Cli();
    const { stderr, code } = await cli.here(['add', '-', '--after', 'nope'], { input: 'x\n' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^There is no task nope/);
  });

  const good = '{"description":"good"}\n';
  test.each<[string, string[], string | Buffer, string]>([
    [
      'a bad JSON line',
      ['-', '--format', 'jsonl'],
      `${good}\n{oops`,
      'standard input, line 3: this is not JSON',
    ],
    [
      'a row that is no object',
      ['-', '--format', 'jsonl'],
      `${good}7`,
      'standard input, line 2: expected an object',
    ],
    [
      'a row without description',
      ['-', '--format', 'jsonl'],
      `${good}{"id":"a"}`,
      'line 2: "description" is missing',
    ],
    [
      'a field of a wrong type',
      ['-', '--format', 'jsonl'],
      `${good}{"description":"x","priority":"high"}`,
      'line 2: expected "priority" to be a whole number, got "high"',
    ],
    [
      'a field of its life',
      ['-', '--format', 'jsonl'],
      '{"description":"x","status":"completed"}',
      '"status" cannot be set',
    ],
    ['empty standard input', ['-'], '', 'standard input holds no task'],
    ['only comments', ['-'], '# a\n\n', 'standard input holds no task'],
    [
      'bytes that are no UTF-8',
      ['-'],
      Buffer.from([0x61, 0x0a, 0xff, 0xfe]),
      'standard input, line 2: this is not UTF-8',
    ],
    ['a missing file', ['-f', 'none.txt'], '', 'There is no file none.txt'],
    ['a directory', ['-f', 'folder'], '', 'folder is a directory'],
    [
      'an unknown format',
      ['-f', 'x', '--format', 'xml'],
      '',
      'Expected --format to be one of txt, jsonl, json, csv, got "xml"',
    ],
    ['a file and a description', ['-f', 'x', 'words'], '', 'Give one of'],
    ['a format and a description', ['--format', 'txt', 'words'], '', '--format says how a file is read'],
    ['nothing at all', [], '', 'Give one of'],
    ['a blank description', ['  '], '', 'The description is blank'],
    ['one id for many', ['--id', 'a', '-'], 'x', '--id names one task'],
    ['a bad id', ['--id', 'a b', 'x'], '', '"a b" cannot be an id'],
    ['an unknown id to come after', ['--after', 'nope', 'x'], '', 'nope'],
    [
      'a priority that is none',
      ['-p', 'high', 'x'],
      '',
      'Expected --priority to be a whole number, got "high"',
    ],
    ['a time that is none', ['--not-before', 'soon', 'x'], '', 'Expected --not-before to be a time'],
    ['a day that is none', ['--not-before', '2026-02-31', 'x'], '', 'to be a time'],
    ['a day and a time that are none', ['--not-before', '2027-02-29T10:00Z', 'x'], '', 'to be a time'],
    ['metadata without a key', ['--meta', 'v', 'x'], '', 'Expected --meta to be key=value, got "v"'],
    ['an empty tag', ['--tag', 'a,,b', 'x'], '', 'Expected --tag to be names separated by commas'],
  ])('%s is one sentence, code 2, and adds nothing', async (_, args, input, message) => {
    const cli = new Cli();
    mkdirSync(cli.path('folder'));
    const added = await cli.here(['add', ...args], { input });
    expect(added).toMatchObject({ stdout: '', code: 2 });
    expect(added.stderr).toContain(message);
    expect(added.stderr.trimEnd()).not.toContain('\n');
    if (existsSync(cli.path('tasks.json'))) expect(await cli.tasks()).toEqual([]);
  });
});
