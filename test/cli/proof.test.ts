import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, HAS_SCRIPT, ORCH, preload, resultOf, says } from '../support/cli.ts';

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
    await cli.here(['add', 'x', '--check', 'pwd; exit 1']);
    await cli.add('y');
    const run = ['run', '--no-retry', '--exec', 'pwd', '--check', 'grep -qx "$(pwd)"', '--cwd', 'work'];
    expect((await cli.run(run)).code).toBe(1);
    const [checked, done] = await kept(cli);
    expect(checked!.history[0]!.verdict.feedback).toBe(cli.path('work'));
    expect(done).toMatchObject({ status: 'completed', result: `${cli.path('work')}\n` });
  });

  test('is where a program is looked for that a command names by its path', async () => {
    const cli = new Cli();
    mkdirSync(cli.path('work'));
    chmodSync(cli.write('work/do', '#!/bin/sh\npwd\n'), 0o755);
    await cli.add('x');
    expect((await cli.here(['run', '--exec', './do'])).code).toBe(2);
    expect((await cli.here(['run', '--exec', './do', '--cwd', 'work'])).code).toBe(0);
  });

  test('of a config file is taken from its own folder', async () => {
    const cli = new Cli();
    mkdirSync(cli.path('sub/work'), { recursive: true });
    cli.write('sub/orch.config.json', '{ "run": { "cwd": "work", "exec": "pwd" } }');
    await cli.add('x');
    expect((await cli.here(['run', '--config', 'sub/orch.config.json'])).code).toBe(0);
    expect(await cli.tasks()).toMatchObject([{ result: `${cli.path('sub/work')}\n` }]);
  });

  test.each(['none', 'file'])('that is none is refused before anything runs: %s', async (cwd) => {
    const cli = new Cli();
    cli.write('file', '');
    await cli.add('x');
    const { code, stderr } = await cli.here(['run', '--exec', 'true', '--cwd', cwd]);
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
    expect((await cli.here(add)).code).toBe(0);
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
    expect(await cli.here(run)).toMatchObject({ code: 0 });
    const [task] = await kept(cli);
    expect(task).toMatchObject({ status: 'completed', schema: { type: 'object' }, expect: 'a' });
    const all = ['expect', 'run-expect', 'schema', 'run-schema', 'check', 'run-check'];
    expect(names(task!)).toEqual([all]);
    const { stdout } = await cli.here(['show', 'task-001']);
    expect(stdout).toContain(
      "  The pattern, the run's pattern, the schema, the run's schema, the check and the run's check passed it.\n",
    );
    expect(stdout).toContain('  schema      {"type":"object"}\n');
  });

  test('a rejection says what was expected, and nothing dearer is asked', async () => {
    const cli = new Cli();
    await cli.add({ description: 'x', expect: '^b' });
    const exec = 'test -n "$ORCH_FEEDBACK" && echo b || echo a';
    expect((await cli.here(['run', '--exec', exec, '--check', 'true'])).code).toBe(0);
    const [task] = await kept(cli);
    expect(task!.history[0]!.verdict.feedback).toContain('to match the regular expression ^b');
    expect(names(task!)).toEqual([['expect'], ['expect', 'run-check']]);
  });

  test('rows have them too', async () => {
    const cli = new Cli();
    const row = { description: 'x', expect: 'a', schema: { type: 'string' } };
    await cli.here(['add', '-', '--format', 'jsonl'], { input: JSON.stringify(row) });
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
    await cli.add('x');
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
    const { code, stderr } = await cli.here(['add', '-', '--format', 'jsonl'], { input });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect((await cli.here(['list'])).code).toBe(2);
  });
});

test('ajv is loaded where there is a schema, and by a run in its thread alone', async () => {
  const cli = new Cli();
  cli.write('schema.json', '{}');
  const loads = async (args: string[]) => {
    cli.write('imports', '');
    const env = {
      NODE_OPTIONS: `--import=${preload('log-imports.ts')}`,
      TEST_IMPORT_LOG: cli.path('imports'),
    };
    expect((await cli.run(args, { env })).code).toBe(0);
    return /\/(ajv|validate-thread)\b/.exec(cli.read('imports'))?.[1];
  };
  expect(await loads(['add', 'x', '--expect', 'x', '--check', 'true'])).toBeUndefined();
  expect(await loads(['run', '--exec', 'cat'])).toBeUndefined();
  expect(await loads(['status'])).toBeUndefined();
  expect(await loads(['add', '1', '--schema', 'schema.json'])).toBe('ajv');
  // The thread comes first: what loads ajv is in it.
  expect(await loads(['run', '--exec', 'cat'])).toBe('validate-thread');
});

describe('--check-file', () => {
  const add = ['add', 'x', '--check', 'sh check.sh', '--check-file', 'check.sh'];

  test('a check that its executor edits is a rejection, and never run', async () => {
    const cli = new Cli();
    cli.write('check.sh', 'exit 1\n');
    expect((await cli.here(add)).code).toBe(0);
    const exec = 'echo "touch ran; exit 0" > check.sh; echo done';
    expect((await cli.here(['run', '--exec', exec, '--max-attempts', '1'])).code).toBe(1);
    expect(await cli.tasks()).toMatchObject([
      {
        status: 'failed',
        error: { message: 'tampered since the task was added: check.sh has changed' },
        history: [
          {
            outcome: 'rejected',
            verdict: { passed: false, tampered: ['check.sh has changed'] },
            evidence: [{ verifier: 'check', passed: false, tampered: ['check.sh has changed'] }],
          },
        ],
      },
    ]);
    expect(existsSync(cli.path('ran'))).toBe(false);
    expect((await cli.here(['show', 'task-001'])).stdout).toContain('  sealed      check.sh\n');
  });

  /** The check is running when it has opened `begun`, and does not end before somebody opens `go`. */
  const WAITS = 'echo begun > begun; read go < go; exit 0';
  const EDITS = 'read begun < begun; echo other > words; echo go > go';

  async function withSlowCheck(description: string): Promise<Cli> {
    const cli = new Cli();
    cli.write('words', 'word');
    for (const pipe of ['begun', 'go', 'up']) execFileSync('mkfifo', [cli.path(pipe)]);
    await cli.here(['add', description, '--id', 'a', '--check', WAITS, '--check-file', 'words']);
    return cli;
  }

  const caught = {
    id: 'a',
    status: 'failed',
    error: { message: 'tampered while the check ran: words has changed' },
    history: [
      {
        verdict: { passed: false, tampered: ['words has changed'] },
        evidence: [{ verifier: 'check', passed: false, tampered: ['words has changed'] }],
      },
    ],
  };

  test('one that another task’s executor edits while the check runs is a rejection', async () => {
    const cli = await withSlowCheck('echo done');
    await cli.here(['add', EDITS, '--id', 'b']);
    expect((await cli.here(['run', '-j', '2', '--exec', 'sh', '--no-retry'])).code).toBe(1);
    expect(await cli.tasks()).toMatchObject([caught, { id: 'b', status: 'completed' }]);
  });

  test.runIf(process.platform === 'linux')(
    'so is one that a child edits which the executor has left behind',
    async () => {
      // It has a session of its own before the executor ends, or it would be ended with it.
      const child = `setsid -f sh -c 'echo up > up; ${EDITS}' > /dev/null 2>&1 < /dev/null`;
      const cli = await withSlowCheck(`${child}; read up < up; echo done`);
      expect((await cli.here(['run', '--exec', 'sh', '--no-retry'])).code).toBe(1);
      expect(await cli.tasks()).toMatchObject([caught]);
    },
  );

  test('one that is as it was decides, from whatever folder the run is started', async () => {
    const cli = new Cli();
    mkdirSync(cli.path('sub'));
    cli.write('sub/check.sh', 'grep -q good\n');
    const added = await cli.sh(
      `cd sub && orch --store ../tasks.json ${add.map((word) => `'${word}'`).join(' ')}`,
    );
    expect(added.code).toBe(0);
    expect(await cli.tasks()).toMatchObject([
      {
        seal: {
          check: expect.stringMatching(/^[0-9a-f]{64}$/),
          files: { 'sub/check.sh': expect.any(String) },
        },
      },
    ]);
    expect((await cli.here(['run', '--exec', 'echo good', '--cwd', 'sub'])).code).toBe(0);
  });

  test('one that is gone is a rejection that says so; put back as it was, it decides again', async () => {
    const cli = new Cli();
    cli.write('check.sh', 'grep -q good\n');
    await cli.here(add);
    const exec =
      'test -n "$ORCH_FEEDBACK" || { mv check.sh away; echo gone; exit; }; mv away check.sh; echo good';
    expect((await cli.here(['run', '--exec', exec])).code).toBe(0);
    const [task] = await kept(cli);
    expect(task!.history[0]!.verdict.feedback).toBe(
      'tampered since the task was added: check.sh is missing or cannot be read',
    );
    expect(task).toMatchObject({ status: 'completed', attempts: 2 });
  });

  test('a check that was changed in tasks.json is not run, though everybody agrees to it', async () => {
    const cli = new Cli();
    await cli.here(['add', 'x', '--check', 'exit 1']);
    cli.write('tasks.json', cli.read('tasks.json').replace('exit 1', 'touch ran'));
    expect((await cli.here(['run', '--exec', 'cat', '--no-retry', '--trust'])).code).toBe(1);
    expect(await cli.tasks()).toMatchObject([
      { error: { message: 'tampered since the task was added: its check has changed' } },
    ]);
    expect(existsSync(cli.path('ran'))).toBe(false);
  });

  test.each<[string, string[], string]>([
    ['a missing file', ['--check', 'true', '--check-file', 'none'], 'The check file none cannot be read ('],
    ['a directory', ['--check', 'true', '--check-file', 'home'], 'The check file home cannot be read ('],
    [
      'a file without a check',
      ['--check-file', 'home'],
      '--check-file names what a check uses; give --check',
    ],
    ['a blank name', ['--check', 'true', '--check-file', ''], 'Expected --check-file to be a text'],
  ])('%s is refused, and nothing is added', async (_, args, message) => {
    const cli = new Cli();
    const { code, stderr } = await cli.here(['add', 'x', ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(existsSync(cli.path('tasks.json'))).toBe(false);
  });
});

describe('a check that is edited', () => {
  test('is sealed anew and this user’s own, and files that were sealed stay so', async () => {
    const cli = new Cli();
    cli.write('words', 'one');
    await cli.here(['add', 'echo two', '--check', 'false', '--check-file', 'words']);
    expect((await cli.here(['edit', 'task-001', '--check', 'grep -qf words'])).code).toBe(0);
    cli.write('words', 'two');
    expect((await cli.here(['run', '--exec', 'sh', '--no-retry'])).code).toBe(1);
    expect((await kept(cli))[0]!.history[0]!.verdict.feedback).toContain('words has changed');
    await cli.here(['reset']);
    const { stdout } = await cli.here(['edit', 'task-001', '--check-file', 'words']);
    expect(stdout).toBe('task-001 changed: seal\n');
    expect((await cli.here(['run', '--exec', 'sh'])).code).toBe(0);
  });

  test('takes expect and schema as add does, and its seal goes with it', async () => {
    const cli = new Cli();
    cli.write('schema.json', '{ "type": "object" }');
    cli.write('none.json', '{ "type": 1 }');
    await cli.here(['add', 'echo {}', '--check', 'true']);
    await cli.here(['edit', 'task-001', '--expect', '^x', '--schema', 'schema.json', '--check', '']);
    const [task] = await cli.tasks();
    expect(task).toMatchObject({ expect: '^x', schema: { type: 'object' } });
    expect(task).not.toHaveProperty('seal');
    for (const [option, value] of [
      ['--expect', '('],
      ['--schema', 'none.json'],
      ['--check-file', 'none.json'],
    ]) {
      expect((await cli.here(['edit', 'task-001', option!, value!])).code).toBe(2);
    }
    await cli.here(['edit', 'task-001', '--expect', '']);
    expect((await cli.here(['run', '--exec', 'sh'])).code).toBe(0);
  });
});

describe('a check that came in with tasks.json', () => {
  const file = JSON.stringify({ tasks: [{ id: 'a', description: 'x', check: 'touch ran' }] });
  const run = ['run', '--exec', 'cat'];

  function cloned(): Cli {
    const cli = new Cli();
    cli.write('tasks.json', file);
    return cli;
  }
  const ran = (cli: Cli) => existsSync(cli.path('ran'));

  test('ends the run with 2 before anything is done, and its task is named', async () => {
    const cli = cloned();
    const { code, stderr } = await cli.run(run);
    const message =
      '1 task came with a check that nobody agreed to (a); read "check" in orch show, then say --trust\n';
    expect({ code, stderr }).toEqual({ code: 2, stderr: message });
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }]);
    expect(ran(cli)).toBe(false);
  });

  test('is not trusted by a list in the folder that it came with', async () => {
    const cli = cloned();
    mkdirSync(cli.path('state'));
    const env = { XDG_STATE_HOME: 'state' };
    expect((await cli.here([...run, '--trust'], { env })).code).toBe(0);
    expect(readdirSync(cli.path('state'))).toEqual([]);
  });

  test('and comes while the run works is no part of what --trust agrees to', async () => {
    const cli = cloned();
    const late = JSON.stringify({ description: 'late', check: 'touch late-ran' });
    cli.write('late.jsonl', late);
    const exec = `if [ "$ORCH_TASK_ID" = a ]; then "${process.execPath}" "${ORCH}" add -f late.jsonl >&2; fi; echo x`;
    expect((await cli.here(['run', '--exec', exec, '--trust'])).code).toBe(1);
    expect(ran(cli)).toBe(true);
    expect(existsSync(cli.path('late-ran'))).toBe(false);
    expect((await cli.tasks())[1]).toMatchObject({ status: 'failed', error: { kind: 'unverifiable' } });
  });

  test('runs with --trust, which is remembered, for this store alone', async () => {
    const cli = cloned();
    expect((await cli.here([...run, '--trust'])).code).toBe(0);
    expect(ran(cli)).toBe(true);
    await cli.here(['reset', 'a']);
    expect((await cli.here(run)).code).toBe(0);
    mkdirSync(cli.path('other'));
    cli.write('other/tasks.json', file);
    expect((await cli.run(['--store', 'other/tasks.json', ...run])).code).toBe(2);
  });

  test('is not agreed to by who seals a file of it alone, but by who gives another', async () => {
    const cli = cloned();
    cli.write('words', 'x');
    expect((await cli.here(['edit', 'a', '--check-file', 'words'])).code).toBe(0);
    expect((await cli.here(run)).code).toBe(2);
    expect(ran(cli)).toBe(false);
    await cli.here(['edit', 'a', '--check', 'grep -qf words']);
    expect((await cli.here(run)).code).toBe(0);
  });

  test('is nobody’s concern where no check is run', async () => {
    const cli = cloned();
    expect((await cli.here(['run', '--simulate'])).code).toBe(0);
    expect((await cli.here([...run, '--dry-run'])).code).toBe(0);
    expect((await cli.here([...run, '--no-verify'])).code).toBe(0);
    expect((await cli.here(run)).code).toBe(0);
    expect(ran(cli)).toBe(false);
  });

  test('cannot agree to itself by a config file', async () => {
    const cli = cloned();
    cli.write('orch.config.json', '{ "run": { "trust": true } }');
    expect((await cli.here(run)).code).toBe(2);
    expect(ran(cli)).toBe(false);
  });

  test('is trusted when it was added on the command line, and not when it was edited together with its seal', async () => {
    const cli = new Cli();
    await cli.here(['add', 'x', '--check', 'true']);
    expect((await cli.here(run)).code).toBe(0);
    await cli.here(['reset', 'task-001']);
    await cli.run(['doctor', '--fold']);
    const file = JSON.parse(cli.read('tasks.json'));
    Object.assign(file.tasks[0], { check: 'touch ran', seal: undefined });
    cli.write('tasks.json', JSON.stringify(file));
    expect((await cli.here(run)).code).toBe(2);
    expect(ran(cli)).toBe(false);
  });

  test('in a row is whoever wrote the row: it waits for --trust, of add or of run', async () => {
    const cli = new Cli();
    const input = JSON.stringify({ description: 'x', check: 'touch ran' });
    const added = await cli.here(['add', '-', '--format', 'jsonl'], { input });
    expect(added).toEqual({
      stdout: 'task-001\n',
      stderr: '1 task came with a check, which runs when somebody has agreed to it: orch run --trust\n',
      code: 0,
    });
    expect((await cli.here(run)).code).toBe(2);
    const again = await cli.here(['add', '-', '--format', 'jsonl', '--trust'], { input });
    expect(again).toEqual({ stdout: 'task-002\n', stderr: '', code: 0 });
    expect((await cli.here(run)).code).toBe(0);
    expect(ran(cli)).toBe(true);
  });

  test('an id that is there already does not make a check of elsewhere one’s own', async () => {
    const cli = cloned();
    expect((await cli.here(['add', 'x', '--id', 'a', '--check', 'true'])).stdout).toBe('a\n');
    expect((await cli.here(run)).code).toBe(2);
    expect(ran(cli)).toBe(false);
  });

  test('of a task that comes while the run works is not run, and its output is kept', async () => {
    const cli = new Cli();
    await cli.add({ description: 'first', id: 'first' });
    const row = JSON.stringify({ description: 'x', id: 'late', check: 'touch ran' });
    cli.write('rows.jsonl', row);
    const exec = `test "$ORCH_TASK_ID" = late || '${process.execPath}' '${ORCH}' add -q -f rows.jsonl >&2; echo out`;
    expect((await cli.here(['run', '--exec', exec])).code).toBe(1);
    expect(await cli.tasks()).toMatchObject([
      { id: 'first', status: 'completed' },
      { id: 'late', error: { kind: 'unverifiable' }, history: [{ output: 'out\n' }] },
    ]);
    expect(ran(cli)).toBe(false);
    await cli.here(['retry', 'late']);
    expect((await cli.here(['run', '--exec', 'echo other', '--trust'])).code).toBe(0);
    expect((await cli.tasks())[1]).toMatchObject({ status: 'completed', result: 'out\n' });
  });

  test('where the list cannot be written, it says so, and --trust holds for this run', async () => {
    const cli = cloned();
    cli.write('state', 'a file');
    const env = { XDG_STATE_HOME: cli.path('state') };
    const { code, stderr } = await cli.here([...run, '--trust'], { env });
    expect(code).toBe(0);
    expect(stderr).toContain('trusted-checks cannot be written (');
    expect(ran(cli)).toBe(true);
  });

  test.runIf(HAS_SCRIPT)('is shown and asked about on a terminal', async () => {
    for (const [answer, code] of [
      ['y', 0],
      ['n', 2],
    ] as const) {
      const cli = cloned();
      const terminal = cli.terminal(`orch run --exec cat; echo "code $?"`);
      const end = resultOf(terminal);
      await says(terminal, '[y/N]', 'stdout');
      terminal.stdin?.write(`${answer}\n`);
      const { stdout } = await end;
      expect(stdout).toContain('  touch ran  (a)');
      expect(stdout).toContain(`code ${code}`);
      expect(ran(cli)).toBe(code === 0);
    }
  });
});
