import { expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';
import { ClockFile, inEmulator } from '../support/screens.ts';
import { TOLD, toldTasks } from '../support/told-tasks.ts';

const SIZE = { columns: 40, rows: 24 };
const WHY = 'The second line has nine syllables, where a haiku has seven.';
const ENDED = (text: string) => /code \d+$/.test(text);

/** A task whose check rejects it with a reason that is wider than the terminal. */
async function rejected(): Promise<Cli> {
  const cli = new Cli();
  new ClockFile(cli);
  await cli.here([
    'add',
    'Write a haiku about the sea, in which a gull cries',
    '--check',
    `echo "${WHY}"; exit 1`,
  ]);
  return cli;
}

const RUN = ['run', '--exec', 'echo gulls', '--max-attempts', '1'];

test('orch show is broken between words on a terminal, its remarks too, and a pipe has its lines as they are', async () => {
  const cli = await rejected();
  await cli.here(RUN);
  const piped = await cli.here(['show', 'task-001']);
  expect(piped.stdout).toContain(`\n    ${WHY}\n`);
  const screen = await inEmulator(cli, ['show', 'task-001'], SIZE);
  const shown = await screen.until(ENDED);
  expect(shown).toContain('\n    The second line has nine syllables,\n    where a haiku has seven.\n');
  expect(shown).toContain('\n  Write a haiku about the sea, in which\n  a gull cries\n');
  const remark = await inEmulator(cli, ['show', 'task-001', '--result'], SIZE);
  expect(await remark.until(ENDED)).toBe(
    'task-001 is failed and has no result;\n  orch show task-001 --result --any\n  prints its best output\ncode 1',
  );
});

test('feedback of orch run -v has its mark on each line of a terminal', async () => {
  const cli = await rejected();
  const screen = await inEmulator(cli, ['-v', ...RUN], SIZE);
  expect(await screen.until(ENDED)).toContain(
    '\n  │ The second line has nine syllables,\n  │ where a haiku has seven.\n',
  );
  await cli.here(['reset', 'task-001']);
  expect((await cli.run(['-v', ...RUN])).stdout).toContain(`failed (rejected)  ${WHY}\n`);
});

test('orch explain and orch reset are broken between words on a terminal', async () => {
  const cli = await rejected();
  await cli.here(RUN);
  await cli.here(['add', 'next', '--after', 'task-001']);
  const explained = await inEmulator(cli, ['explain', 'task-002'], SIZE);
  expect(await explained.until(ENDED)).toBe(
    [
      '· task-002 is pending',
      '  It waits for others:',
      '    task-001 is failed: rejected: The',
      '    second line has nine syllables,',
      '    where a haiku has seven.',
      '  As things are it never starts;',
      '  orch retry task-001 gives what failed',
      '  one more round',
      '  No run works on the store; orch run',
      '  starts one',
      'code 0',
    ].join('\n'),
  );
  await cli.here(['add', 'third']);
  await cli.here(['cancel', 'task-002', 'task-003']);
  const reset = await inEmulator(cli, ['reset', 'task-001..task-003'], SIZE);
  expect(await reset.until(ENDED)).toBe('3 tasks pending again: task-001,\ntask-002, task-003\ncode 0');
});

test('so are errors and remarks; a path that is wider than the terminal stays whole, and a pipe has one line', async () => {
  const cli = new Cli();
  new ClockFile(cli);
  const path = `${'folder/'.repeat(7)}tasks.json`;
  const error = await inEmulator(cli, ['--store', path, 'status'], SIZE);
  await error.until(ENDED);
  expect(error.written).toContain(`${path}\ndoes not exist; adding a task creates it\n`);
  const piped = await cli.run(['--store', path, 'status']);
  expect(piped.stderr).toBe(`${path} does not exist; adding a task creates it\n`);
  await cli.add('x');
  const remark = await inEmulator(cli, ['list', '--tag', 'none'], SIZE);
  expect(await remark.until(ENDED)).toBe('No task matches; orch list without\noptions shows all\ncode 0');
});

test('so is what orch run says of Ctrl-C', async () => {
  const { cli, letGo } = await toldTasks(['x']);
  new ClockFile(cli);
  const screen = await inEmulator(cli, ['run', '--exec', TOLD], SIZE);
  await screen.until((text) => text.includes('task-001  started'));
  await screen.press('C-c');
  await screen.until((text) =>
    text.includes('Stopping: running tasks may finish,\nnothing new starts (Ctrl-C again aborts)'),
  );
  letGo(1, 'fine');
  await screen.until(ENDED);
});
