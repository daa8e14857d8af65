import { describe, expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';

/** One completed task with a tag, one failed, and a pending one that comes after the first. */
async function mixed(): Promise<Cli> {
  const cli = new Cli();
  await cli.add(
    { description: 'echo one', tags: ['a'], metadata: { n: '1' }, priority: 3 },
    { description: 'exit 3', maxAttempts: 1 },
  );
  await cli.here(['run', '--exec', 'sh']);
  await cli.add({ description: 'later', after: ['task-001'], criteria: 'soon' });
  return cli;
}

describe('the version of what --json prints', () => {
  test('is the first of each object, whichever command prints it', async () => {
    const cli = await mixed();
    const all: string[][] = [
      ['add', 'more'],
      ['list'],
      ['show', 'task-001'],
      ['status'],
      ['explain', 'task-003'],
      ['edit', 'task-003', '--priority', '1'],
      ['pause'],
      ['doctor'],
      ['doctor', '--fold'],
      ['doctor', '--cut'],
      ['audit'],
      ['run', '--dry-run', '--model', 'claude-sonnet-5-5'],
      ['retry', 'task-002'],
      ['cancel', 'task-002'],
      ['reset', 'task-002'],
      ['run', '--exec', 'sh'],
      ['remove', 'task-004'],
      ['clean'],
    ];
    for (const args of all) {
      const { stdout } = await cli.run([...args, '--json']);
      expect(stdout, args.join(' ')).toMatch(/^(\{"schemaVersion":1,"[^\n]*\}\n)+$/);
    }
    const { stderr } = await cli.run(['show', 'nope', '--json']);
    expect(stderr).toMatch(/^\{"schemaVersion":1,"error":\{/);
  });

  test('is ours, whatever a person wrote into a task', async () => {
    const cli = new Cli();
    await cli.add('x');
    const file = JSON.parse(cli.read('tasks.json'));
    file.tasks[0].schemaVersion = 'mine';
    cli.write('tasks.json', JSON.stringify(file));
    expect((await cli.here(['list', '--json'])).stdout).toMatch(/^\{"schemaVersion":1,"id":"task-001",/);
  });

  test('is no part of a file format', async () => {
    const cli = await mixed();
    expect((await cli.here(['export'])).stdout).not.toContain('schemaVersion');
    expect(cli.read('tasks.json')).not.toContain('schemaVersion');
  });
});

describe('a line of list --json', () => {
  test('comes in whole by import', async () => {
    const cli = await mixed();
    const imported = await cli.sh('orch list --json | orch --store other.json import');
    expect(imported).toEqual({ stdout: 'task-001\ntask-002\ntask-003\n', stderr: '', code: 0 });
    const exported = async (store: string) => (await cli.here(['--store', store, 'export'])).stdout;
    expect(await exported('other.json')).toBe(await exported('tasks.json'));
    const again = await cli.sh('orch list --json | orch --store other.json import -');
    expect(again.stderr).toBe('3 tasks there already, unchanged\n');
  });

  test('is added as it was before anything came of it', async () => {
    const cli = await mixed();
    await cli.here(['retry', 'task-002', '--feedback', 'better']);
    const added = await cli.sh('orch list --json | orch --store other.json add - --format jsonl');
    expect(added).toEqual({ stdout: 'task-001\ntask-002\ntask-003\n', stderr: '', code: 0 });
    const { stdout } = await cli.here(['--store', 'other.json', 'list', '--json']);
    const fresh = { schemaVersion: 1, status: 'pending', attempts: 0, history: [] };
    const createdAt = expect.any(String);
    expect(jsonLines(stdout)).toEqual([
      {
        ...fresh,
        createdAt,
        id: 'task-001',
        description: 'echo one',
        priority: 3,
        tags: ['a'],
        metadata: { n: '1' },
      },
      { ...fresh, createdAt, id: 'task-002', description: 'exit 3', priority: 0, maxAttempts: 1 },
      {
        ...fresh,
        createdAt,
        id: 'task-003',
        description: 'later',
        priority: 0,
        after: ['task-001'],
        criteria: 'soon',
      },
    ]);
  });

  test('keeps the mark of what a template filled in: data, which no shell may run', async () => {
    const cli = new Cli();
    await cli.here(['add', '-', '--format', 'jsonl', '-t', 'echo {{q}}'], { input: '{"q":"$(touch ran)"}' });
    await cli.sh('orch list --json | orch --store other.json add - --format jsonl');
    const { code, stderr } = await cli.run(['--store', 'other.json', 'run', '--exec', 'sh']);
    expect(code).toBe(2);
    expect(stderr).toContain('has the field "q" of a row in its description');
  });

  test('lends a template what came of it', async () => {
    const cli = await mixed();
    const script = `orch list task-001 --json | orch add - --format jsonl --key id -t 'Translate: {{result}}'`;
    await cli.sh(script.replace('add', '--store other.json add'));
    const { stdout } = await cli.here(['--store', 'other.json', 'list', '--json']);
    expect(jsonLines(stdout)).toMatchObject([
      { description: 'Translate: one\n', status: 'pending', metadata: { status: 'completed' } },
    ]);
  });

  test.each([
    ['import', ['import']],
    ['add', ['add', '-', '--format', 'jsonl']],
  ])('of a newer orch is refused by %s', async (_, args) => {
    const cli = await mixed();
    const { stdout } = await cli.here(['list', '--json']);
    const input = stdout.replace('"schemaVersion":1', '"schemaVersion":2');
    expect(await cli.here(['--store', 'other.json', ...args], { input })).toEqual({
      stdout: '',
      stderr: 'standard input, line 1: schemaVersion 2 is of a newer orch; this one reads 1\n',
      code: 2,
    });
  });

  test('a row of data may have a field of that name', async () => {
    const cli = new Cli();
    const input = '{"description":"x","schemaVersion":7}\n';
    await cli.here(['add', '-', '--format', 'jsonl'], { input });
    expect(await cli.tasks()).toMatchObject([{ metadata: { schemaVersion: 7 } }]);
  });
});
