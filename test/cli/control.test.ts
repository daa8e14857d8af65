import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, resultOf } from '../support/cli.ts';
import { openPipe } from '../support/open-pipe.ts';
import { WatchedRun } from '../support/watched-run.ts';

interface UnderWay {
  cli: Cli;
  run: WatchedRun;
  id: string;
  /** Ends the command of a task, now or when it begins. */
  letGo(name: string): void;
}

/** Three tasks, one at a time; task-001 has begun. Each waits for a line from a pipe of its name. */
async function underWay(): Promise<UnderWay> {
  const cli = new Cli();
  const names = ['one', 'two', 'three'];
  const pipes = new Map(names.map((name) => [name, openPipe(cli.path(name))]));
  await cli.add(...names);
  const run = new WatchedRun(cli, ['-j', '1', '--exec', 'read name; read go <"$name"; echo done']);
  const { run: id } = await run.until('run:start');
  await run.until('task:start');
  return { cli, run, id, letGo: (name) => writeSync(pipes.get(name) ?? -1, 'go\n') };
}

/** A run that waits for work, and does what there is to do. */
async function staying(
  cli: Cli,
  args: string[] = ['--exec', 'sh'],
): Promise<{ run: WatchedRun; id: string }> {
  const run = new WatchedRun(cli, ['--stay', ...args]);
  return { run, id: (await run.until('run:start')).run };
}

function emptyStore(): Cli {
  const cli = new Cli();
  cli.write('tasks.json', '{ "version": 1, "revision": 0, "nextId": 1, "tasks": [] }');
  return cli;
}

async function statuses(cli: Cli): Promise<unknown[]> {
  return (await cli.tasks()).map(({ status }) => status);
}

describe('orch pause', () => {
  test('lets what runs finish and starts nothing, until orch resume; orch stop ends the run', async () => {
    const { cli, run, id, letGo } = await underWay();
    expect(await cli.here(['pause'])).toEqual({
      stdout: `1 run told to pause: ${id}\n`,
      stderr: '',
      code: 0,
    });
    await run.until('run:pause');
    letGo('one');
    await run.until('task:complete');
    // A run that is not paused has claimed long before this has been printed.
    expect(await statuses(cli)).toEqual(['completed', 'pending', 'pending']);
    expect((await cli.here(['resume'])).stdout).toBe(`1 run told to resume: ${id}\n`);
    await run.until('task:start');

    await cli.here(['pause']);
    await run.until('run:pause');
    expect((await cli.here(['stop'])).stdout).toBe(`1 run told to stop: ${id}\n`);
    letGo('two');
    const { stats } = await run.until('run:end');
    expect(stats).toMatchObject({ completed: 2, stopReason: { kind: 'stopped' } });
    expect(run.story).toEqual([
      'run:start',
      'task:start task-001',
      'run:pause',
      'task:execute task-001',
      'task:complete task-001',
      'run:resume',
      'task:start task-002',
      'run:pause',
      'task:execute task-002',
      'task:complete task-002',
      'run:end',
    ]);
    expect(await run.end()).toBe(0);
    expect(await statuses(cli)).toEqual(['completed', 'completed', 'pending']);
  });

  test('is not heard by a run that starts later', async () => {
    const { cli, run, letGo } = await underWay();
    await cli.here(['pause']);
    await run.until('run:pause');
    const later = await cli.run(['run', '--json', '--limit', '1', '--exec', 'cat']);
    expect(later).toMatchObject({ stdout: expect.stringContaining('"task:complete"'), code: 0 });
    expect(later.stdout).not.toContain('run:pause');
    expect(await statuses(cli)).toEqual(['in_progress', 'completed', 'pending']);
    await cli.here(['stop']);
    letGo('one');
    expect(await run.end()).toBe(0);
  });

  test('leaves Ctrl-C as it was', async () => {
    const { cli, run, letGo } = await underWay();
    await cli.here(['pause']);
    await run.until('run:pause');
    letGo('one');
    await run.until('task:complete');
    run.child.kill('SIGINT');
    expect(await run.end()).toBe(130);
    expect(await statuses(cli)).toEqual(['completed', 'pending', 'pending']);
  });

  test('reaches all runs, and status shows it', async () => {
    const cli = emptyStore();
    const [one, two] = [await staying(cli), await staying(cli)];
    const told = (word: string) =>
      [one.id, two.id].sort().map((id) => ({ id, pid: expect.any(Number), told: word }));
    const runsOf = (text: string) =>
      (JSON.parse(text) as { runs: { id: string }[] }).runs.sort((a, b) => (a.id < b.id ? -1 : 1));

    const paused = await cli.here(['pause', '--json']);
    expect(JSON.parse(paused.stdout)).toMatchObject({ command: 'pause' });
    expect(runsOf(paused.stdout)).toMatchObject(told('pause'));
    await Promise.all([one.run.until('run:pause'), two.run.until('run:pause')]);
    expect(runsOf((await cli.here(['status', '--json'])).stdout)).toMatchObject(told('pause'));
    const shown = (await cli.here(['status'])).stdout;
    for (const { id } of [one, two]) expect(shown).toContain(`\n  ${id}  told to pause, pid `);

    expect((await cli.here(['resume'])).stdout).toMatch(/^2 runs told to resume: run-\w+, run-\w+\n$/);
    await Promise.all([one.run.until('run:resume'), two.run.until('run:resume')]);
    expect(runsOf((await cli.here(['status', '--json'])).stdout)).toMatchObject(told('resume'));
    expect((await cli.here(['status'])).stdout).not.toContain('told');

    expect(await cli.here(['stop', '-q'])).toEqual({ stdout: '', stderr: '', code: 0 });
    expect([await one.run.end(), await two.run.end()]).toEqual([0, 0]);
    expect(JSON.parse((await cli.here(['status', '--json'])).stdout).runs).toEqual([]);
  });
});

describe('orch stop', () => {
  test('ends a run that would stay, and its summary says so', async () => {
    const cli = new Cli();
    await cli.add('touch started');
    await cli.here(['add', 'later', '--not-before', '7d']);
    const result = resultOf(cli.start(['run', '--stay', '--exec', 'sh']));
    await cli.appears('started');
    await cli.here(['stop']);
    const { stdout, stderr, code } = await result;
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain('Ended early (stopped): 1 task is left; run again to go on\n');
  });

  test('is no excuse for a task that failed', async () => {
    const cli = emptyStore();
    const { run } = await staying(cli, ['--exec', 'sh', '--max-attempts', '1']);
    await cli.add('exit 3');
    await run.until('task:fail');
    await cli.here(['stop']);
    expect(await run.end()).toBe(1);
  });
});

describe('where no run lives', () => {
  test.each(['pause', 'resume', 'stop'])('orch %s says so, and is no error', async (command) => {
    const cli = emptyStore();
    const before = cli.read('tasks.json');
    expect(await cli.run([command])).toEqual({
      stdout: '',
      stderr: `No run works on tasks.json: there is nothing to ${command}\n`,
      code: 0,
    });
    expect(await cli.run([command, '-q'])).toEqual({ stdout: '', stderr: '', code: 0 });
    const { stdout, stderr, code } = await cli.run([command, '--json']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, command, runs: [] });
    expect(cli.read('tasks.json')).toBe(before);
  });

  test('a killed one is not told', async () => {
    const cli = emptyStore();
    const { run } = await staying(cli);
    run.child.kill('SIGKILL');
    await once(run.child, 'exit');
    const { stdout, stderr } = await cli.here(['stop']);
    expect({ stdout, stderr }).toEqual({
      stdout: '',
      stderr: 'No run works on tasks.json: there is nothing to stop\n',
    });
  });
});

test.each(['pause', 'resume', 'stop'])('orch %s makes no store', async (command) => {
  const cli = new Cli();
  const { stdout, stderr, code } = await cli.run([command]);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  expect(stderr).toContain('tasks.json');
});
