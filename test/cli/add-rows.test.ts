import { execFileSync } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, HAS_SCRIPT, preload, resultOf, says } from '../support/cli.ts';
import { enough } from '../support/thorough.ts';

const BULK = 100_000;
const MB = 1024 * 1024;

describe('rows of data', () => {
  test('csv: the first row names the fields; quotes, line breaks and a mark', async () => {
    const cli = new Cli();
    cli.write('rows.csv', '\ufeffdescription,priority,answer\r\n"say ""hi"",\ntwice",2,"4"\r\nplain,,\r\n');
    const added = await cli.here(['add', '-f', 'rows.csv']);
    expect(added).toEqual({ stdout: 'task-001\ntask-002\n', stderr: '', code: 0 });
    expect(await cli.tasks()).toMatchObject([
      { description: 'say "hi",\ntwice', priority: 2, metadata: { answer: '4' } },
      { description: 'plain', priority: 0, metadata: { answer: '' } },
    ]);
  });

  test('json: a list of objects, of texts, or of both', async () => {
    const cli = new Cli();
    cli.write('rows.json', JSON.stringify([{ description: 'a', n: 1 }, 'b\nc']));
    expect((await cli.here(['add', '-f', 'rows.json'])).stdout).toBe('task-001\ntask-002\n');
    expect(await cli.tasks()).toMatchObject([
      { description: 'a', metadata: { n: 1 } },
      { description: 'b\nc' },
    ]);
  });

  test('what is called like a field of a task’s life is data where there is a template, and refused elsewhere', async () => {
    const cli = new Cli();
    const row = { q: '1+1', result: '2', status: 'open', error: null, best: 1, feedback: 'f', usage: 'u' };
    const add = ['add', '-', '--format', 'jsonl'];
    await cli.here([...add, '-t', 'What is {{q}}? Not {{status}}.'], { input: JSON.stringify(row) });
    expect(await cli.tasks()).toMatchObject([
      { description: 'What is 1+1? Not open.', status: 'pending', metadata: row },
    ]);
    for (const field of ['result', 'best', 'feedback']) {
      const input = JSON.stringify({ description: 'x', [field]: row[field as keyof typeof row] });
      const { code, stderr } = await cli.here(add, { input });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `standard input, line 1: "${field}" cannot be set when a task is added; leave it out, or take whole tasks with orch import\n`,
      });
    }
  });

  test('a row whose task is there with other fields is told of, and changes nothing', async () => {
    const cli = new Cli();
    const add = ['add', '-', '--format', 'csv', '--key', 'id', '-t', 'Where is {{city}}?'];
    const first = await cli.here(add, { input: 'id,city,answer\n1,Rome,A\n1,Rome,B\n' });
    const stderr = 'There already, with other fields than were given now, and left so: 1\n';
    expect(first).toEqual({ stdout: '1\n1\n', stderr, code: 0 });
    expect(await cli.here(add, { input: 'id,city,answer\n1,Rome,A\n' })).toMatchObject({ stderr: '' });
    const checked = await cli.here([...add, '--check', 'true'], { input: 'id,city,answer\n1,Rome,A\n' });
    expect(checked).toEqual({ stdout: '1\n', stderr, code: 0 });
    expect(await cli.tasks()).toMatchObject([{ metadata: { answer: 'A' } }]);
  });

  test('a row cannot have a result put into it', async () => {
    const cli = new Cli();
    await cli.here(['add', '--id', 's', 'secret']);
    const add = ['add', '-', '--format', 'jsonl', '-t', 'Count the words of: {{text}}'];
    const input = '{"text":"evil {{s}} end"}';
    expect(await cli.here([...add, '--after', 's'], { input })).toEqual({
      stdout: '',
      stderr:
        'standard input, line 1: "text" holds {{s}}, in whose place the result of s would be put; change the row, or leave that task out of --after\n',
      code: 2,
    });
    expect((await cli.here(add, { input })).code).toBe(0);
  });

  test.each<[string, string, string]>([
    ['jsonl', '{"n":1}\n{"n":12345678901234567891}', 'line 2: the number 12345678901234567891 is too large'],
    ['json', '[{"n":[-9007199254740993]}]', 'the number -9007199254740993 is too large'],
    ['jsonl', '{"n":1e999}', 'line 1: the number 1e999 is too large'],
  ])('%s: a number that would become another one is refused', async (format, input, message) => {
    const cli = new Cli();
    const add = ['add', '-', '--format', format, '-t', 'Is {{n}} prime?'];
    const { code, stderr } = await cli.here(add, { input });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    const kept = {
      input: '{"n":9007199254740991}\n{"n":1234567890.12345678901234}\n{"n":"12345678901234567891"}',
    };
    expect((await cli.here(['add', '-', '--format', 'jsonl', '-t', '{{n}}'], kept)).code).toBe(0);
  });

  test('what is nested without end is refused with its line', async () => {
    const cli = new Cli();
    const deep = `{"m":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const input = `{"m":1}\n${deep}\n`;
    const env = { ANTHROPIC_API_KEY: 'sk-ant-api03-0123456789abcdefghij' };
    for (const template of ['{{m}}', 'plain']) {
      const add = ['add', '-', '--format', 'jsonl', '-t', template];
      expect(await cli.here(add, { input, env })).toEqual({
        stdout: '',
        stderr: 'standard input, line 2: "m" is nested too deeply\n',
        code: 2,
      });
    }
  });

  test('rows with keys name each other by them', async () => {
    const cli = new Cli();
    const input = 'step,after\nstep 2,"step 1, start"\nstep 1,\n';
    await cli.here(['add', '--id', 'start', 'x']);
    const add = ['add', '-', '--format', 'csv', '--key', 'step', '-t', 'Do {{step}}'];
    expect(await cli.here(add, { input })).toMatchObject({ stdout: 'step-2\nstep-1\n', code: 0 });
    expect((await cli.tasks())[1]).toMatchObject({ id: 'step-2', after: ['step-1', 'start'] });
  });

  test('no id of a row uses up the automatic ones', async () => {
    const cli = new Cli();
    const { code, stderr } = await cli.here(['add', '--id', 'task-999999999999', 'x']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'task-999999999999 would leave no automatic id behind it; give that task an id that does not end so high\n',
    });
    expect((await cli.here(['add', 'y'])).stdout).toBe('task-001\n');
  });

  test('the place of a result is written as it is looked for', async () => {
    const cli = new Cli();
    await cli.here(['add', 'first']);
    const add = ['add', '-', '--format', 'csv', '-t', '{{ lang }}: {{ task-001 }}', '--after', 'task-001'];
    await cli.here(add, { input: 'lang\nFrench\n' });
    expect((await cli.tasks())[1]).toMatchObject({ description: 'French: {{task-001}}' });
  });

  test('a template makes the descriptions, and all fields stay with the task', async () => {
    const cli = new Cli();
    const input = '{"question":"1+1","answer":2,"description":"easy"}\n';
    await cli.run(
      ['add', '-', '--format', 'jsonl', '--template', 'What is {{question}}? ({{description}}, {not this})'],
      { input },
    );
    await cli.here(['add', '-', '-t', 'Translate: {{description}}'], { input: 'word\n' });
    expect(await cli.tasks()).toMatchObject([
      {
        description: 'What is 1+1? (easy, {not this})',
        metadata: { question: '1+1', answer: 2, description: 'easy' },
      },
      { description: 'Translate: word', metadata: { description: 'word' } },
    ]);
  });

  test('a place for the result of a task that a row comes after stays', async () => {
    const cli = new Cli();
    await cli.here(['add', 'first']);
    const input = 'lang\nFrench\n';
    const template = 'Translate to {{lang}}: {{task-001}}';
    await cli.here(['add', '-', '--format', 'csv', '-t', template, '--after', 'task-001'], { input });
    expect(await cli.tasks()).toMatchObject([{}, { description: 'Translate to French: {{task-001}}' }]);
  });

  test('--key: the same row again adds nothing, and what was added since is', async () => {
    const cli = new Cli();
    const args = ['add', '-f', 'rows.csv', '--key', 'id', '-t', '{{q}}'];
    cli.write('rows.csv', 'id,q\nA 1,one\nA 1,one\n');
    expect(await cli.here(args)).toEqual({ stdout: 'A-1\nA-1\n', stderr: '', code: 0 });
    cli.write('rows.csv', 'id,q\nA 1,one\nB,two\n');
    expect((await cli.here(args)).stdout).toBe('A-1\nB\n');
    expect(await cli.tasks()).toMatchObject([
      { id: 'A-1', description: 'one', metadata: { id: 'A 1', q: 'one' } },
      { id: 'B' },
    ]);
    cli.write('rows.csv', 'id,q\nA 1,another\n');
    const changed = await cli.here(args);
    expect(changed.code).toBe(2);
    expect(changed.stderr).toMatch(/^rows\.csv, line 2: The id A-1 is taken/);
  });

  const good = '{"description":"good"}\n';
  test.each<[string, string[], string, string]>([
    [
      'an unknown field',
      ['--format', 'jsonl', '-t', '{{a}}'],
      '{"a":1}\n\n{"b":1}\n',
      'standard input, line 3: the template names "a"',
    ],
    [
      'a blank description',
      ['--format', 'jsonl', '-t', '{{a}}'],
      '{"a":" "}\n',
      'line 1: the template gives a blank description',
    ],
    [
      'two keys for one id',
      ['--format', 'csv', '--key', 'k'],
      'k,description\na b,x\n"a\nb",y\n',
      'line 3: the keys "a\\nb" and, in line 2, "a b"',
    ],
    ['a row without its key', ['--format', 'jsonl', '--key', 'k'], good, 'line 1: expected the key "k"'],
    [
      'a row of csv with too few fields',
      ['--format', 'csv'],
      'description,a\n"x\ny",1\nz\n',
      'line 4: expected 2 fields as in the first row, got 1',
    ],
    [
      'csv with a field of a wrong type',
      ['--format', 'csv'],
      'description,priority\nx,high\n',
      'line 2: expected "priority" to be a whole number, got "high"',
    ],
    [
      'csv without a description',
      ['--format', 'csv'],
      'description,a\n,1\n',
      'line 2: "description" is missing',
    ],
    ['csv without rows', ['--format', 'csv'], 'description\n', 'standard input holds no task'],
    ['json that breaks', ['--format', 'json'], '[\n{"description":"x"},\n{"description":}]', 'line 3: '],
    ['json that ends too soon', ['--format', 'json'], '[\n{"description":"x"}', 'line 2: '],
    ['json that is no list', ['--format', 'json'], '{"description":"x"}', 'standard input: expected a list'],
    [
      'json with a bad item',
      ['--format', 'json'],
      '["a [,\\"",\n\n {"description":"x", "n": [1,\n2]}, [\n], 7]',
      'line 4: expected an object with a "description", got []',
    ],
    [
      'json with a blank text',
      ['--format', 'json'],
      '["a",\n" "]',
      'line 2: expected "description" to be a text',
    ],
    ['a list without items', ['--format', 'json'], '[]', 'standard input holds no task'],
  ])('%s: one sentence with its line, code 2, nothing added', async (_, args, input, message) => {
    const cli = new Cli();
    const added = await cli.here(['add', '-', ...args], { input });
    expect(added).toMatchObject({ stdout: '', code: 2 });
    expect(added.stderr).toContain(message);
    expect(added.stderr.trimEnd()).not.toContain('\n');
    expect(existsSync(cli.path('tasks.json'))).toBe(false);
  });

  test('--template and --key are for files', async () => {
    const { stderr, code } = await new Cli().run(['add', 'words', '-t', 'x']);
    expect({ stderr, code }).toEqual({
      stderr: '--template and --key are for the rows of a file; give -f <file> or - with them\n',
      code: 2,
    });
  });
});

describe.skipIf(!existsSync('/proc/self/status'))('100,000 rows', () => {
  const row = (n: number) => `Compute ${n} times 7, and say what it is in one word`;
  const formats: Record<string, (n: number) => string> = {
    txt: (n) => `${row(n)}\n`,
    jsonl: (n) =>
      `${JSON.stringify({ description: row(n), key: `row ${n}`, question: `${n} * 7`, answer: String(n * 7) })}\n`,
    csv: (n) =>
      `${n === 0 ? 'description,key,question,answer\n' : ''}"${row(n)}",row ${n},${n} * 7,${n * 7}\n`,
  };
  const options: Record<string, string[]> = {
    alone: [],
    'with a template and a key': ['-t', 'What is {{question}}?', '--key', 'key'],
    'with a check, tags and criteria': ['--check', 'grep -q 7', '--tag', 'a,b', '--criteria', row(0)],
    'with all there is': [
      ...[
        '-t',
        'What is {{question}}?',
        '--key',
        'key',
        '--check',
        'grep -q 7',
        '--check-file',
        'schema.json',
      ],
      ...['--tag', 'a,b', '--criteria', row(0), '--expect', '/[0-9]+/i', '--schema', 'schema.json'],
      ...['--meta', 'a=b', '-p', '3', '--max-attempts', '4', '--not-before', '2026-01-01T00:00:00Z'],
    ],
  };
  const all = Object.keys(formats).flatMap((format) => Object.keys(options).map((name) => [format, name]));
  // A line of text has no fields.
  const possible = all.filter(([format, name]) => format !== 'txt' || !options[name!]?.includes('--key'));
  // Each format, and all that there is: rows of csv and of jsonl are the same once they are read.
  const telling = [
    ['txt', 'with a check, tags and criteria'],
    ['csv', 'alone'],
    ['jsonl', 'with all there is'],
  ];

  /** @returns peak memory in bytes. */
  async function added(cli: Cli, args: string[], last: string): Promise<number> {
    const NODE_OPTIONS = ['no-network.ts', 'peak-memory.ts']
      .map((name) => `--import=${preload(name)}`)
      .join(' ');
    const env = { NODE_OPTIONS, PEAK_MEMORY: cli.path('peak') };
    const { stdout, stderr, code } = await cli.run(['add', ...args], { env });
    const printed = stdout.trimEnd().split('\n');
    expect({ count: printed.length, last: printed.at(-1), stderr, code }).toEqual({
      count: BULK,
      last,
      stderr: '',
      code: 0,
    });
    return Number(cli.read('peak')) * 1024;
  }

  test.each(enough(telling, possible))(
    'of %s take less than 200 MB, %s',
    async (format, name) => {
      const cli = new Cli();
      cli.write(`rows.${format}`, Array.from({ length: BULK }, (_, n) => formats[format!]!(n)).join(''));
      cli.write(
        'schema.json',
        '{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}}}}',
      );
      const given = ['-f', `rows.${format}`, ...options[name!]!];
      const last = given.includes('--key') ? `row-${BULK - 1}` : `task-${BULK}`;
      expect(await added(cli, given, last)).toBeLessThan(200 * MB);
      if (!given.includes('--key')) return;
      // The same rows again add nothing.
      expect(await added(cli, given, last)).toBeLessThan(200 * MB);
    },
    120_000,
  );

  test('one bad line behind them, and none of them is added', async () => {
    const cli = new Cli();
    const rows = Array.from({ length: BULK }, (_, n) => formats.jsonl!(n)).join('');
    cli.write('rows.jsonl', `${rows}{"description":\n`);
    expect(await cli.here(['add', '-f', 'rows.jsonl'])).toEqual({
      stdout: '',
      stderr: `rows.jsonl, line ${BULK + 1}: this is not JSON; give one object a line\n`,
      code: 2,
    });
    expect(existsSync(cli.path('tasks.json'))).toBe(false);
    expect(existsSync(cli.path('tasks.json.journal'))).toBe(false);
  }, 60_000);
});

describe.skipIf(!HAS_SCRIPT)('on a terminal', () => {
  test('it says how far it is, where it takes longer than a second', async () => {
    const cli = new Cli();
    execFileSync('mkfifo', [cli.path('rows')]);
    const terminal = cli.terminal('orch add -f rows');
    const rows = createWriteStream(cli.path('rows'));
    rows.write('one\ntwo\n');
    const said = says(terminal, 'rows: 2 rows', 'stdout');
    const result = resultOf(terminal);
    await said;
    rows.end('three\n');
    expect(await result).toMatchObject({ code: 0 });
    expect((await result).stdout).toContain('task-003');
    expect(await cli.tasks()).toHaveLength(3);
  });
});
