import { describe, expect, test } from 'vitest';
import { Cli, jsonLines } from '../support/cli.ts';

describe('orch run, where tasks are due later', () => {
  test('says which is next and when, also where others ran, and in the statistics', async () => {
    const cli = new Cli();
    await cli.here(['add', '--not-before', '2041-01-01T00:00Z', 'x']);
    await cli.here(['add', '--not-before', '2040-01-01T00:00Z', 'y']);
    const due =
      'task-002 is due next, not before 1 January 2040 at 00:00 UTC; orch run --until-due <time> waits';
    expect((await cli.here(['run', '--exec', 'cat'])).stdout).toContain(due);
    await cli.add('now');
    const { stdout, code } = await cli.here(['run', '--exec', 'cat', '--until-due', '2039-12-31T23:59Z']);
    expect(code).toBe(0);
    expect(stdout).toContain(due);
    expect(stdout).toContain('1 completed');
    const json = await cli.here(['run', '--exec', 'cat', '--json']);
    expect(jsonLines(json.stdout).at(-1)).toMatchObject({ stats: { dueAt: '2040-01-01T00:00:00.000Z' } });
    expect((await cli.here(['run', '--dry-run'])).stderr).toContain('2 tasks due later, task-002 not before');
  });

  test('--until-due waits for what is due by then', async () => {
    const cli = new Cli();
    await cli.here(['add', '--not-before', '300ms', 'x']);
    const { stdout, code } = await cli.here(['run', '--exec', 'cat', '--until-due', '10m']);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('1 completed') });
  });

  test('a failed dependency blocks, and ends each run with 1, until it is reset', async () => {
    const cli = new Cli();
    await cli.add('test -e mended');
    await cli.add({ description: 'true', after: ['task-001'] });
    await cli.add({ description: 'true', after: ['task-002'] });
    expect((await cli.here(['run', '--exec', 'sh', '--no-retry'])).code).toBe(1);
    const again = await cli.here(['run', '--exec', 'sh']);
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('· task-002  blocked by task-001 (failed)\n');
    cli.write('mended', '');
    await cli.here(['reset', 'task-001']);
    expect((await cli.here(['run', '--exec', 'sh'])).code).toBe(0);
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(Array(3).fill('completed'));
  });

  test('all that are blocked are counted, however many', async () => {
    const cli = new Cli();
    const blocked = Array.from({ length: 2_100 }, () => ({ description: 'true', after: ['task-0001'] }));
    await cli.add({ id: 'task-0001', description: 'false' }, ...blocked);
    await cli.here(['run', '--exec', 'sh', '--no-retry']);
    expect((await cli.here(['run', '--exec', 'sh'])).stdout).toMatch(
      /^Nothing ran: .* and 2,090 more blocked$/m,
    );
    expect((await cli.here(['run', '--dry-run'])).stderr).toMatch(/ and 2,090 more blocked;/);
  });

  test.each([
    [['--until-due', 'soon'], 'Expected --until-due to be a time'],
    [['--until-due', '1h', '--stay'], '--until-due and --stay contradict each other'],
    [['--until-due', '1h', '--dry-run'], '--dry-run and --until-due contradict each other'],
  ])('%j is a usage error in one sentence', async (args, message) => {
    const cli = new Cli();
    await cli.add('x');
    const { stderr, code } = await cli.here(['run', '--exec', 'cat', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
