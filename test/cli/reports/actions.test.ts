import { expect, test } from 'vitest';
import { annotations } from '../../../src/cli/reports/annotations.ts';
import { WorkLog } from '../../../src/cli/reports/work-log.ts';
import { withoutCommands } from '../../../src/cli/workflow-commands.ts';
import { Cli, jsonLines } from '../../support/cli.ts';
import { makeTask } from '../../support/task.ts';

const env = { GITHUB_ACTIONS: 'true', CI: 'true' };
const meta = { at: '2030-01-01T00:00:00.000Z', run: 'run-1' };

/**
 * The commands that the runner of GitHub Actions finds in a log: `::name ...::` where a line begins, blanks aside, and `##[name ...]`
 * anywhere in one.
 */
function commandsIn(log: string): string[] {
  return log.split(/\r\n|\r|\n/).filter((line) => /^\s*::.*::/.test(line) || /##\[.*\]/.test(line));
}

/** What is told of so many failed tasks. */
function told(count: number, message = 'no'): string[] {
  const log = new WorkLog();
  for (let i = 1; i <= count; i++) {
    const error = { kind: 'rejected', message } as const;
    const task = makeTask({ id: `task-${i}`, description: message, status: 'failed', error });
    log.onEvent({ event: 'task:fail', ...meta, task, attempt: 1, error });
  }
  const said: string[] = [];
  const reporter = annotations(log, (command) => said.push(command));
  void reporter.broke?.();
  return said;
}

test('a failed task is an error of the job, escaped as GitHub documents it', () => {
  expect(told(1, '100 %, a: b\nand so on')).toEqual([
    '::error title=task-1 failed (rejected)%3A 100 %25%2C a%3A b::100 %25, a: b%0Aand so on',
  ]);
});

test('there are ten at most, the last of which says how many more there are', () => {
  expect(told(10)).toHaveLength(10);
  const many = told(25);
  expect(many).toHaveLength(10);
  expect(many[9]).toBe('::error title=orch::16 more tasks failed; the summary and orch status name them');
});

test('they are on standard error, also with --json and -q, and in GitHub Actions alone', async () => {
  const cli = new Cli();
  await cli.add('one');
  const run = ['run', '--exec', 'false', '--no-retry'];
  const command = '::error title=task-001 failed%3A one::the command exited with 1\n';
  const json = await cli.run([...run, '--json'], { env });
  expect(json).toMatchObject({ code: 1, stderr: command });
  expect(jsonLines(json.stdout).at(-1)).toMatchObject({ event: 'run:end' });
  await cli.here(['reset']);
  expect((await cli.run([...run, '-q'], { env })).stderr).toBe(command);
  await cli.here(['reset']);
  expect((await cli.run(run, { env: { CI: 'true' } })).stderr).toBe('');
});

const HOSTILE = [
  '::error::made up',
  '  ::set-env name=PATH::/evil',
  'see ##[set-env name=PATH]/evil',
  'one\n::stop-commands::x\n\t::add-mask::y\nlast',
];

test('no text of a task can give a command, whatever shows it', async () => {
  const cli = new Cli();
  for (const text of HOSTILE) await cli.here(['add', '--description-file', cli.write('text', text)]);
  await cli.here(['add', '--', '::error::on one line']);
  const exec = 'cat; cat >&2 "$ORCH_TASK_FILE"; test $ORCH_TASK_ID = task-001 -o $ORCH_TASK_ID = task-004';
  const run = await cli.run(['run', '-j', '1', '--exec', exec, '--max-attempts', '2'], { env });
  expect(run.code).toBe(1);
  expect(commandsIn(run.stdout)).toEqual([]);
  expect(commandsIn(run.stderr).map((line) => line.slice(0, 22))).toEqual(
    Array(3)
      .fill('::error title=task-00')
      .map((each, i) => `${each}${[2, 3, 5][i]}`),
  );
  const ids = ['task-001', 'task-002', 'task-003', 'task-004'];
  const views = [
    ...ids.map((id) => ['show', id]),
    ['list'],
    ['status'],
    ...ids.map((id) => ['explain', id]),
    ['run', '--dry-run'],
  ];
  for (const view of views) {
    const { stdout, stderr } = await cli.run(view, { env });
    expect(commandsIn(stdout + stderr)).toEqual([]);
  }
  const refused = await cli.here(['show', '::error::x'], { env });
  expect(commandsIn(refused.stderr)).toEqual([]);
});

test('JSON means the same, data are the same, and outside of GitHub Actions nothing is changed', async () => {
  const cli = new Cli();
  const text = 'see ##[group]x';
  await cli.add(text);
  const list = await cli.here(['list', '--json'], { env });
  expect(commandsIn(list.stdout)).toEqual([]);
  expect(jsonLines(list.stdout)).toMatchObject([{ description: text }]);
  expect((await cli.here(['export'], { env })).stdout).toContain(text);
  await cli.run(['run', '--exec', 'echo ::error::x'], { env });
  expect((await cli.here(['show', 'task-001', '--result'], { env })).stdout).toBe('::error::x\n');
  expect((await cli.here(['show', 'task-001'])).stdout).toContain('\n::error::x\n');
});

test('what breaks a command up is not seen', () => {
  for (const text of HOSTILE) {
    expect(commandsIn(withoutCommands(text))).toEqual([]);
    expect(withoutCommands(text).replaceAll('\u200b', '')).toBe(text);
  }
  expect(withoutCommands('a::b # [x] ##x')).toBe('a::b # [x] ##x');
});
