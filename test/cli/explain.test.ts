import { describe, expect, test } from 'vitest';
import { Cli, ORCH } from '../support/cli.ts';

describe('orch explain', () => {
  test('says what a task waits for, and that no run works, for people and as JSON', async () => {
    const cli = new Cli();
    await cli.here(['add', '-'], { input: 'exit 3\n' });
    await cli.add({ description: 'true', after: ['task-001'] });
    await cli.add({ description: 'true', after: ['task-002'] });
    expect((await cli.here(['run', '--exec', 'sh', '--no-retry'])).code).toBe(1);
    expect(await cli.here(['explain', 'task-003'])).toEqual({
      stdout: [
        '· task-003 is pending',
        '  It waits for others:',
        '    task-002 is pending: waits for task-001',
        '    task-001 is failed: the command exited with 3',
        '  As things are it never starts; orch retry task-001 gives what failed one more round',
        '  No run works on the store; orch run starts one',
        '',
      ].join('\n'),
      stderr: '',
      code: 0,
    });
    const { stdout } = await cli.here(['explain', 'task-003', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      id: 'task-003',
      status: 'pending',
      obstacles: [
        { reason: 'blocked', forGood: true, chain: [{ id: 'task-002' }, { id: 'task-001' }] },
        { reason: 'no-run' },
      ],
    });
  });

  test.each([[['task-001']], [['--limit', '1']]])('a run told %j may leave the others', async (some) => {
    const cli = new Cli();
    await cli.add('x');
    await cli.add('y');
    const exec = `"${process.execPath}" "${ORCH}" explain task-002`;
    expect((await cli.here(['run', ...some, '--exec', exec])).code).toBe(0);
    expect((await cli.tasks())[0]?.result).toMatch(
      /^ {2}run-\w+ may leave it: told which tasks to start, or how many; /m,
    );
  });

  test('a task that is not there is 2, in one sentence', async () => {
    const cli = new Cli();
    await cli.add('x');
    expect(await cli.here(['explain', 'task-9'])).toEqual({
      stdout: '',
      stderr: 'There is no task "task-9"; orch list shows those there are\n',
      code: 2,
    });
  });
});
