import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';
import { openPipe } from '../support/open-pipe.ts';

/** A store with two tasks, on which nothing runs. */
async function withTasks(): Promise<Cli> {
  const cli = new Cli();
  await cli.add('one', 'two');
  return cli;
}

/** The same, and a run that is at its first task until the test ends. */
async function withRun(): Promise<{ cli: Cli; run: ChildProcess }> {
  const cli = await withTasks();
  openPipe(cli.path('gate'));
  const run = cli.start(['run', '-j', '1', '--exec', ': >here; read go <gate']);
  await cli.appears('here');
  return { cli, run };
}

/** The same, but the run was killed: what it did is in the journal. */
async function withChanges(): Promise<Cli> {
  const { cli, run } = await withRun();
  run.kill('SIGKILL');
  await once(run, 'exit');
  return cli;
}

function edit(cli: Cli, name: string, from: string | RegExp, to: string): void {
  cli.write(name, cli.read(name).replace(from, to));
}

function copies(cli: Cli): string[] {
  return readdirSync(cli.dir)
    .filter((name) => name.endsWith('.bak'))
    .map((name) => name.replace(/\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z/, '<time>'));
}

/** Without what differs from test to test. */
function plain(text: string): string {
  return text
    .replace(/\d+ bytes/g, '<n> bytes')
    .replace(/\/\S*\/(tasks\.json\S*?)\.\d{4}-[\dT.-]*Z/g, '$1.<time>');
}

describe('orch doctor', () => {
  test('says of a healthy store what it has, a line each, and ends with 0', async () => {
    const cli = await withTasks();
    const { code, stdout, stderr } = await cli.run(['doctor']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [config, ...lines] = plain(stdout).split('\n');
    expect(config).toBe('ok       config   there is no config file, and none is needed');
    expect(lines).toEqual([
      expect.stringMatching(/^ok {7}node {5}\d+\.\d+\.\d+ on \w+ \w+$/),
      expect.stringMatching(/^ok {7}temp {5}\S+ can be written$/),
      'note     key      no credentials for Claude were found; set ANTHROPIC_API_KEY, or have tasks done by a command with --exec, which needs none',
      'note     api      not asked: there are no credentials to ask with',
      'note     model    not looked up: there are no credentials to ask with',
      expect.stringMatching(/^ok {7}disk {5}a write was synced in \S+, and [\d,]+ MB are free$/),
      'ok       locks    two processes exclude each other here',
      'ok       place    on a local disk, and can be written',
      'ok       file     version 1, revision 1, 2 tasks, <n> bytes',
      'ok       journal  0 changes since revision 1, all whole',
      'ok       fit      file and journal together hold 2 tasks',
      'ok       runs     none lives',
      'ok       lock     works, and is free',
      '',
    ]);
    expect((await cli.here(['doctor', '--quiet'])).stdout).toBe('');
  });

  test('with --json is one object', async () => {
    const cli = await withTasks();
    const { code, stdout } = await cli.run(['doctor', '--json']);
    expect(code).toBe(0);
    const { healthy, checks } = JSON.parse(stdout);
    expect(healthy).toBe(true);
    expect(checks.map(({ check }: { check: string }) => check)).toEqual([
      'config',
      'node',
      'temp',
      'key',
      'api',
      'model',
      'disk',
      'locks',
      'place',
      'file',
      'journal',
      'fit',
      'runs',
      'lock',
    ]);
    expect(checks[3]).toEqual({ check: 'key', ok: true, text: expect.any(String), note: true });
    expect(checks[9]).toEqual({
      check: 'file',
      ok: true,
      text: expect.any(String),
      version: 1,
      revision: 1,
      tasks: 2,
      bytes: expect.any(Number),
    });
  });

  test('says what is wrong and what to do, changes nothing, and ends with 4', async () => {
    const cli = await withChanges();
    edit(cli, 'tasks.json', '"two"', '"edited"');
    const before = [cli.read('tasks.json'), cli.read('tasks.json.journal')];
    const { code, stdout, stderr } = await cli.here(['doctor', '-q']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
    expect(stdout).toBe(
      'problem  fit      tasks.json was changed while 1 change that it lacks was in its journal; `orch doctor --take file` goes on with the file as it is, `orch doctor --take journal` puts those changes into it, and both are kept as copies\n',
    );
    const json = await cli.here(['doctor', '--json']);
    expect(json.code).toBe(4);
    expect(JSON.parse(json.stdout).healthy).toBe(false);
    expect([cli.read('tasks.json'), cli.read('tasks.json.journal')]).toEqual(before);
  });

  test('names the line of a file that cannot be understood', async () => {
    const cli = await withTasks();
    cli.write('tasks.json', `<<<<<<< HEAD\n${cli.read('tasks.json')}`);
    const { code, stdout } = await cli.here(['doctor', '-q']);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^problem {2}file {5}tasks\.json:1:1: a merge conflict is not resolved here; /);
  });

  test('names the runs that live', async () => {
    const { cli } = await withRun();
    const { code, stdout } = await cli.here(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {7}runs {5}1 run live: run-[0-9a-f]+$/m);
  });

  test('a store that is not there is no failure of the machine, and there is nothing to mend', async () => {
    const cli = new Cli();
    const { code, stdout } = await cli.here(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^note {5}file {5}tasks\.json does not exist yet; orch add creates it$/m);
    for (const option of [['--cut'], ['--take', 'file']]) {
      const { code, stderr } = await cli.here(['doctor', ...option]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: 'tasks.json does not exist; adding a task creates it\n',
      });
    }
    expect(readdirSync(cli.dir)).toEqual(['home']);
  });

  test('of a store of another kind ends with 2, of one that is no file with 4', async () => {
    const cli = new Cli();
    expect((await cli.here(['--store', 'pg://here', 'doctor'])).code).toBe(2);
    const folder = await cli.here(['--store', 'home', 'doctor', '-q']);
    expect(folder).toEqual({
      code: 4,
      stdout: 'problem  file     home is a directory; name a JSON file\n',
      stderr: '',
    });
    const nowhere = await cli.here(['--store', 'nowhere/tasks.json', 'doctor', '-q']);
    expect(nowhere.code).toBe(4);
    expect(nowhere.stdout).toMatch(
      /^problem {2}disk {5}nothing can be written and synced in \S+nowhere: its folder does not exist; create/,
    );
  });
});

describe('orch doctor --cut', () => {
  test('cuts a broken journal off, keeps a copy, and has nothing to cut then', async () => {
    const cli = await withTasks();
    const head = cli.read('tasks.json.journal');
    cli.write('tasks.json.journal', `${head}rubbish\n${head}`);
    expect((await cli.here(['doctor', '-q'])).stdout).toContain('line 2 (byte ');
    const { code, stdout } = await cli.run(['doctor', '--cut']);
    expect(code).toBe(0);
    expect(plain(stdout)).toBe(
      `Journal cut off before line 2 (byte ${head.length}): 1 whole record lost\nCopy kept: tasks.json.journal.<time>.bak\n`,
    );
    expect(copies(cli)).toEqual(['tasks.json.journal.<time>.bak']);
    expect(await cli.here(['doctor', '--cut'])).toEqual({
      code: 0,
      stdout: 'Nothing to cut: no whole record lies behind a broken one\n',
      stderr: '',
    });
    expect(JSON.parse((await cli.here(['doctor', '--cut', '--json'])).stdout)).toEqual({
      schemaVersion: 1,
      cut: null,
    });
    expect((await cli.here(['doctor'])).code).toBe(0);
    expect(await cli.tasks()).toHaveLength(2);
  });
});

describe('orch doctor --fold', () => {
  test('writes all changes into the file, also of a store that is too large for a command to do so, and while a run works', async () => {
    const { cli } = await withRun();
    const rows = Array.from({ length: 1500 }, (_, i) => `row ${i} ${'long '.repeat(100)}\n`);
    await cli.here(['add', '-'], { input: rows.join('') });
    expect(cli.read('tasks.json')).not.toContain('row 1499');
    const folded = await cli.run(['doctor', '--fold']);
    expect(folded).toEqual({ code: 0, stdout: 'tasks.json has all changes now: 1,502 tasks\n', stderr: '' });
    const file = JSON.parse(cli.read('tasks.json'));
    expect(file.tasks).toHaveLength(1502);
    expect(file.tasks[0]).toMatchObject({ status: 'in_progress', lease: { taskId: 'task-001' } });
    const again = await cli.here(['doctor', '--fold', '--json']);
    expect(JSON.parse(again.stdout)).toEqual({ schemaVersion: 1, folded: { tasks: 1502 } });
    expect(JSON.parse(cli.read('tasks.json'))).toEqual(file);
  });

  test('makes no store, and decides nothing', async () => {
    expect(await new Cli().here(['doctor', '--fold'])).toMatchObject({ code: 2, stdout: '' });
    const cli = await withChanges();
    edit(cli, 'tasks.json', '"two"', '"edited"');
    expect(await cli.here(['doctor', '--fold'])).toMatchObject({ code: 4, stdout: '' });
    const both = await cli.here(['doctor', '--fold', '--cut']);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('contradict each other') });
  });
});

describe('orch doctor --take', () => {
  test('file goes on with the file as it is', async () => {
    const cli = await withChanges();
    edit(cli, 'tasks.json', '"two"', '"edited"');
    expect((await cli.here(['list'])).code).toBe(4);
    const { code, stdout } = await cli.run(['doctor', '--take', 'file']);
    expect(code).toBe(0);
    expect(plain(stdout)).toBe(
      'The file stands as it is: revision 2, 2 tasks\nCopy kept: tasks.json.journal.<time>.bak\nCopy kept: tasks.json.<time>.bak\n',
    );
    expect(copies(cli)).toEqual(['tasks.json.<time>.bak', 'tasks.json.journal.<time>.bak']);
    expect(await cli.tasks()).toMatchObject([{ status: 'pending' }, { description: 'edited' }]);
    expect((await cli.here(['doctor', '--take', 'file'])).stdout).toBe(
      'Nothing to decide: file and journal belong together\n',
    );
  });

  test('journal puts its changes into the file, and names what it leaves out', async () => {
    const cli = await withChanges();
    edit(cli, 'tasks.json', 'task-001', 'task-009');
    const { code, stdout } = await cli.here(['doctor', '--take', 'journal', '--json']);
    expect(code).toBe(0);
    const { taken } = JSON.parse(stdout);
    expect(taken).toMatchObject({
      choice: 'journal',
      revision: 2,
      tasks: 2,
      leftOut: ['task-001'],
      taken: [],
    });
    expect(copies(cli)).toEqual(['tasks.json.<time>.bak', 'tasks.json.journal.<time>.bak']);
    expect(await cli.here(['add', 'new'])).toMatchObject({ code: 0, stdout: 'task-010\n' });
  });

  test('journal says in words what it leaves out', async () => {
    const cli = await withChanges();
    edit(cli, 'tasks.json', 'task-001', 'task-009');
    const { stdout } = await cli.here(['doctor', '--take', 'journal']);
    expect(plain(stdout)).toBe(
      [
        "The journal's changes are in the file: revision 2, 2 tasks",
        'Left out, because the file does not have their tasks: task-001',
        'Copy kept: tasks.json.journal.<time>.bak',
        'Copy kept: tasks.json.<time>.bak',
        '',
      ].join('\n'),
    );
  });

  test('is refused while a run lives, and where it is not understood', async () => {
    const { cli } = await withRun();
    for (const option of [['--cut'], ['--take', 'file'], ['--take', 'journal']]) {
      const { code, stderr } = await cli.here(['doctor', ...option]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^Run run-[0-9a-f]+ works on tasks\.json; end it first\n$/);
    }
    const both = await cli.here(['doctor', '--cut', '--take', 'file']);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('contradict each other') });
    const other = await cli.here(['doctor', '--take', 'all']);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('one of file, journal') });
  });
});
