import { describe, expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';

async function ran(...lines: string[]): Promise<Cli> {
  const cli = new Cli();
  await cli.here(['add', '-'], { input: lines.join('\n') });
  await cli.here(['run', '--exec', 'sh', '--max-attempts', '1']);
  return cli;
}

async function statuses(cli: Cli): Promise<unknown[]> {
  return (await cli.tasks()).map((task) => task.status);
}

describe('orch reset', () => {
  test('takes the failed ones back, and says which', async () => {
    const cli = await ran('true', 'false');
    expect(await cli.here(['reset'])).toEqual({
      stdout: '1 task pending again: task-002\n',
      stderr: '',
      code: 0,
    });
    expect(await statuses(cli)).toEqual(['completed', 'pending']);
    expect((await cli.here(['reset'])).stderr).toContain('Nothing to reset');
  });

  test('takes named ones back, completed ones too', async () => {
    const cli = await ran('true', 'false');
    const { stdout } = await cli.here(['reset', 'task-001', '--json']);
    expect(jsonLines(stdout)).toMatchObject([{ id: 'task-001', status: 'pending' }]);
    expect(await statuses(cli)).toEqual(['pending', 'failed']);
    expect((await cli.here(['reset', 'nope'])).code).toBe(2);
    expect(await cli.here(['reset', 'task-001'])).toEqual({
      stdout: '',
      stderr: 'task-001 is pending already\n',
      code: 0,
    });
    expect(await cli.here(['reset', 'task-001', 'task-002'])).toMatchObject({
      stdout: '1 task pending again: task-002\n',
      stderr: 'task-001 is pending already\n',
    });
  });

  test('--all needs --yes where nobody can be asked', async () => {
    const cli = await ran('true', 'false');
    const refused = await cli.here(['reset', '--all']);
    expect(refused).toMatchObject({ stdout: '', code: 2 });
    expect(refused.stderr).toContain('--yes');
    expect(await statuses(cli)).toEqual(['completed', 'failed']);
    expect((await cli.here(['reset', '--all', '--yes'])).code).toBe(0);
    expect(await statuses(cli)).toEqual(['pending', 'pending']);
    expect((await cli.here(['reset', '--all', 'task-001'])).code).toBe(2);
  });
});

describe('orch cancel', () => {
  test('ends pending tasks as cancelled, and refuses ended ones, all or none', async () => {
    const cli = await ran('true');
    await cli.add('later');
    expect(await cli.here(['cancel', 'task-001', 'task-002'])).toEqual({
      stdout: '',
      stderr: 'Task task-001 is completed already; `orch reset task-001` takes it back to pending\n',
      code: 2,
    });
    expect(await cli.here(['cancel', 'task-002'])).toEqual({
      stdout: 'task-002 is cancelled\n',
      stderr: '',
      code: 0,
    });
    expect((await cli.tasks())[1]).toMatchObject({ status: 'failed', error: { kind: 'cancelled' } });
    expect((await cli.here(['list'])).stdout).toMatch(/ later - cancelled\n/);
    expect((await cli.here(['cancel', 'nope'])).code).toBe(2);
  });
});

describe('orch remove and clean', () => {
  test('remove takes tasks away for good, and refuses what an unfinished one waits for', async () => {
    const cli = await ran('true', 'true');
    await cli.add({ description: 'later', after: ['task-001'] });
    expect(await cli.here(['remove', 'task-001'])).toMatchObject({ stdout: '', code: 2 });
    expect((await cli.here(['remove', 'task-002'])).stdout).toBe('1 task removed: task-002\n');
    expect((await cli.tasks()).map((task) => task.id)).toEqual(['task-001', 'task-003']);
    expect((await cli.here(['remove', 'task-002'])).code).toBe(2);
  });

  test('clean takes completed ones away, keeps those that unfinished ones wait for, and says so', async () => {
    const cli = await ran('true', 'true', 'false');
    await cli.add({ description: 'later', after: ['task-001'] });
    expect((await cli.here(['clean', '--older-than', '1h'])).stdout).toMatch(/^Nothing to remove\n$/);
    const { stdout } = await cli.here(['clean']);
    expect(stdout).toBe('1 task removed\n1 task kept, because unfinished ones wait for them: task-001\n');
    expect((await cli.tasks()).map((task) => task.id)).toEqual(['task-001', 'task-003', 'task-004']);
    expect(JSON.parse((await cli.here(['clean', '--json'])).stdout)).toEqual({
      schemaVersion: 1,
      removed: [],
      kept: ['task-001'],
    });
    expect((await cli.here(['clean', '--older-than', '7'])).stderr).toContain(
      'to have a unit, such as 7s, 7m or 7d',
    );
  });
});
