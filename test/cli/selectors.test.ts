import { describe, expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';

/** Four tasks, of which the second fails. */
async function withTasks(): Promise<Cli> {
  const cli = new Cli();
  const tasks = ['true', 'false', 'true', 'true'].map((description, i) => ({
    description,
    tags: i % 2 ? ['odd'] : ['even', 'x'],
  }));
  await cli.add(...tasks);
  return cli;
}

async function statuses(cli: Cli): Promise<string> {
  const letters: Record<string, string> = { pending: 'p', completed: 'c', failed: 'f' };
  return (await cli.tasks()).map(({ status }) => letters[String(status)] ?? status).join('');
}

const RUN = ['run', '--exec', 'sh', '--max-attempts', '1'];

describe('run works on what is selected alone', () => {
  test('ids, ranges and tags', async () => {
    const cli = await withTasks();
    expect((await cli.here([...RUN, 'task-001'])).code).toBe(0);
    expect(await statuses(cli)).toBe('cppp');
    expect((await cli.here([...RUN, 'task-002..task-004', '--tag', 'odd'])).code).toBe(1);
    expect(await statuses(cli)).toBe('cfpc');
    expect((await cli.here([...RUN, '--status', 'pending'])).code).toBe(0);
    expect(await statuses(cli)).toBe('cfcc');
  });

  test('what is selected and failed is told, and an empty selection too', async () => {
    const cli = await withTasks();
    await cli.here([...RUN, 'task-002']);
    const failed = await cli.here([...RUN, 'task-002']);
    expect(failed).toMatchObject({
      code: 0,
      stderr: 'Failed already, and not run: task-002; orch retry task-002 gives one more round\n',
      stdout:
        '\nNothing ran: 1 task failed and no other is left; orch retry --status failed gives one more round\n',
    });
    const none = await cli.here([...RUN, '--tag', 'nobody']);
    expect(none).toMatchObject({ code: 0, stderr: 'No task matches; nothing is run\n' });
    expect(await statuses(cli)).toBe('pfpp');
  });

  test('one that waits for a task which is not selected stays; the exit code is of the selected alone', async () => {
    const cli = await withTasks();
    await cli.add({ description: 'true', after: ['task-003'] });
    await cli.here([...RUN, 'task-002']);
    await cli.add({ description: 'true', after: ['task-002'] });
    expect((await cli.here([...RUN, 'task-005'])).stdout).toContain('Nothing ran: task-005 blocked');
    expect((await cli.here([...RUN, 'task-001'])).code).toBe(0);
    expect((await cli.here([...RUN, 'task-006'])).code).toBe(1);
  });

  test('--dry-run and --simulate as well', async () => {
    const cli = await withTasks();
    const planned = await cli.here(['run', '--exec', 'sh', '--dry-run', '--json', '--tag', 'even']);
    expect(jsonLines(planned.stdout).map(({ id }) => id)).toEqual(['task-001', 'task-003']);
    const { stdout } = await cli.here(['run', '--simulate', '--json', 'task-004']);
    const ended = jsonLines(stdout).find(({ event }) => event === 'run:end');
    expect(ended).toMatchObject({ stats: { processed: 1 } });
  });

  test('what leaves the selection nothing to say is refused', async () => {
    const cli = await withTasks();
    for (const args of [
      ['nobody'],
      ['task-100..task-200'],
      ['task-001..own'],
      ['--status', 'failed'],
      ['--status', 'done'],
      ['--tag', ','],
      ['--stay', 'task-001'],
    ]) {
      expect(await cli.here([...RUN, ...args])).toMatchObject({ stdout: '', code: 2 });
    }
    expect(await statuses(cli)).toBe('pppp');
  });
});

describe('the other commands', () => {
  test('list shows the selected, at most so many', async () => {
    const cli = await withTasks();
    const list = async (...args: string[]) =>
      jsonLines((await cli.here(['list', '--json', ...args])).stdout).map(({ id }) => id);
    expect(await list('task-002..task-009')).toEqual(['task-002', 'task-003', 'task-004']);
    expect(await list('task-002..task-009', '--tag', 'odd', '--limit', '1')).toEqual(['task-002']);
    expect(await list('--status', 'failed,pending', '--tag', 'x')).toEqual(['task-001', 'task-003']);
    expect((await cli.here(['list', 'nobody'])).code).toBe(2);
    expect((await cli.here(['list', '--tag', 'none'])).stderr).toContain('No task matches');
  });

  test('reset by tag alone means the failed ones, by status those', async () => {
    const cli = await withTasks();
    await cli.here(RUN);
    expect((await cli.here(['reset', '--tag', 'x'])).stderr).toBe('Nothing to reset: no task matches\n');
    expect((await cli.here(['reset', '--tag', 'odd'])).stdout).toBe('1 task pending again: task-002\n');
    expect(await statuses(cli)).toBe('cpcc');
    expect((await cli.here(['reset', '--status', 'completed', '--tag', 'x'])).code).toBe(0);
    expect(await statuses(cli)).toBe('pppc');
    expect((await cli.here(['reset', 'task-003..task-004'])).stdout).toContain(': task-004\n');
    expect((await cli.here(['reset', '--all', '--tag', 'x'])).code).toBe(2);
  });

  test.each([['list'], ['reset'], ['cancel'], ['remove'], ['retry'], ['export']])(
    '%s says on standard error that nothing is selected, but not with -q or --json',
    async (command) => {
      const cli = await withTasks();
      const nothing = [command, '--tag', 'none'];
      const said = await cli.here(nothing);
      expect(said).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/no task matches/i) });
      for (const flag of ['-q', '--json'])
        expect(await cli.here([...nothing, flag])).toMatchObject({ code: 0, stderr: '' });
    },
  );

  test('cancel by tag alone means what has not ended', async () => {
    const cli = await withTasks();
    await cli.here([...RUN, 'task-001']);
    expect((await cli.here(['cancel', '--tag', 'even'])).stdout).toBe('task-003 is cancelled\n');
    expect((await cli.here(['cancel', 'task-001..task-004'])).code).toBe(2);
    expect(await statuses(cli)).toBe('cpfp');
    expect((await cli.here(['cancel', '--tag', 'none'])).stderr).toContain('no task matches');
    expect((await cli.here(['cancel'])).code).toBe(2);
  });

  test('cancel and retry take ranges and tags', async () => {
    const cli = await withTasks();
    expect((await cli.here(['cancel', 'task-002..task-003'])).stdout).toBe(
      'task-002 is cancelled\ntask-003 is cancelled\n',
    );
    expect((await cli.here(['retry', '--tag', 'odd'])).stdout).toContain(': task-002\n');
    expect(await statuses(cli)).toBe('ppfp');
    expect((await cli.here(['retry', 'task-003..task-009', '--status', 'failed'])).stdout).toContain(
      ': task-003\n',
    );
    expect(await statuses(cli)).toBe('pppp');
  });

  test('remove takes the selected away, all or none', async () => {
    const cli = await withTasks();
    await cli.add({ description: 'last', after: ['task-001'] });
    expect((await cli.here(['remove', '--tag', 'even'])).code).toBe(2);
    expect((await cli.here(['remove', '--tag', 'odd', '--json'])).stdout).toBe(
      '{"schemaVersion":1,"removed":["task-002","task-004"]}\n',
    );
    expect((await cli.here(['remove', 'task-001..task-999'])).code).toBe(0);
    expect(await cli.tasks()).toEqual([]);
    expect((await cli.here(['remove'])).code).toBe(2);
  });
});
