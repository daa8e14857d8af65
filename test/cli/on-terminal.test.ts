import { describe, expect, test } from 'vitest';
import { Cli, HAS_SCRIPT, resultOf } from '../support/cli.ts';
import { WIDTHS } from '../support/emulator.ts';
import { ClockFile, clockEnvironment, inEmulator, type ScreenOptions } from '../support/screens.ts';
import { TOLD, toldTasks } from '../support/told-tasks.ts';

const SIZE = { columns: 80, rows: 24 };

/** A run of one task that has begun, on an emulated terminal. */
async function underWay(options: Partial<ScreenOptions> = {}, args: string[] = []) {
  const { cli, letGo } = await toldTasks(['one', 'two']);
  new ClockFile(cli);
  const run = ['run', '-j', '1', '--exec', TOLD, ...args];
  const screen = await inEmulator(cli, run, { ...SIZE, ...options });
  return { cli, letGo, screen };
}

const BOARD = [
  '▶ task-001    0s  executing  one',
  `${'▶'.repeat(30)}${'·'.repeat(30)}`,
  '0 of 2 done, 0 failed, 0s',
];
/** A line of it, wherever it stands. */
const BAR = /^[✓✗▶·]{9,}$/m;
const ENDED = (code: number) => (text: string) => text.endsWith(`code ${code}`);
const hasBoard = (text: string) => text.includes('0 of 2 done') && text.includes('executing');
const isUnderWay = (text: string) => hasBoard(text) && text.includes('task-001  started');

describe('the board of a run', () => {
  test('stands below the lines, and leaves nothing behind', async () => {
    const { screen, letGo } = await underWay();
    expect((await screen.until(isUnderWay)).split('\n')).toEqual(['▶ task-001  started  one', ...BOARD]);
    letGo(1, 'fine');
    letGo(2, 'fine');
    expect((await screen.until(ENDED(0))).split('\n')).toEqual([
      '▶ task-001  started  one',
      '✓ task-001  completed, unverified',
      '▶ task-002  started  two',
      '✓ task-002  completed, unverified',
      '',
      '2 completed (2 unverified), 0 failed, success rate 100 %, under 1s',
      'Next: orch show task-001 --result',
      'code 0',
    ]);
  });

  test('shows on standard error alone where standard output is a file, which has the plain lines', async () => {
    const { cli, screen, letGo } = await underWay({ only: 'err' });
    expect((await screen.until(hasBoard)).split('\n')).toEqual(BOARD);
    letGo(1, 'fine');
    letGo(2, 'fine');
    expect(await screen.until(ENDED(0))).toBe('code 0');
    expect(cli.read('file').split('\n').slice(0, 2)).toEqual([
      '▶ task-001  started  one',
      '✓ task-001  completed, unverified',
    ]);
    for (const code of ['\u001b', '\r']) expect(cli.read('file')).not.toContain(code);
  });

  test('is none where standard error is a file: the lines stand on the terminal, and the file stays empty', async () => {
    const { cli, screen, letGo } = await underWay({ only: 'out' });
    letGo(1, 'fine');
    expect(await screen.until((text) => text.includes('task-002'))).toBe(
      '▶ task-001  started  one\n✓ task-001  completed, unverified\n▶ task-002  started  two',
    );
    letGo(2, 'fine');
    await screen.until(ENDED(0));
    expect(cli.read('file')).toBe('');
  });

  test.each([
    ['-q', SIZE],
    ['--json', SIZE],
    ['', { columns: 0, rows: 0 }],
  ])('is none with %s on a terminal of %o', async (flag, size) => {
    const cli = new Cli();
    new ClockFile(cli);
    await cli.add('true');
    const args = [...(flag === '' ? [] : [flag]), 'run', '--exec', 'sh'];
    const screen = await inEmulator(cli, args, { ...SIZE, fake: size });
    expect(await screen.until(ENDED(0))).not.toMatch(/done, \d failed|executing/);
  });

  test('what is said on standard error scrolls above it too', async () => {
    const { screen, letGo } = await underWay();
    await screen.until(isUnderWay);
    screen.signal('SIGINT');
    const stopping = 'Stopping: running tasks may finish, nothing new starts (Ctrl-C again aborts)';
    const waits = 'stopping: waiting for 1 running task';
    const shown = await screen.until((text) => text.includes(waits));
    expect(shown).toBe(['▶ task-001  started  one', stopping, ...BOARD, waits].join('\n'));
    letGo(1, 'fine');
    expect(await screen.until(ENDED(130))).not.toMatch(BAR);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('is gone after %s', async (signal, code) => {
    const { screen } = await underWay();
    await screen.until(isUnderWay);
    screen.signal(signal);
    const shown = await screen.until(ENDED(code));
    expect(shown.split('\n').slice(0, 3)).toEqual([
      '▶ task-001  started  one',
      `${signal}: running tasks are aborted, and go back to pending`,
      '· task-001  released  aborted',
    ]);
    expect(shown).not.toMatch(BAR);
  });

  test('is gone after an error that nobody expected', async () => {
    const code = 'process.on("SIGURG", () => { throw new Error("made up"); })';
    const { screen } = await underWay({ imports: [`data:text/javascript,${encodeURIComponent(code)}`] });
    await screen.until(isUnderWay);
    screen.signal('SIGURG');
    const shown = await screen.until(ENDED(70));
    expect(shown.split('\n')[1]).toMatch(/^orch met an error that it did not expect: made up/);
    expect(shown).not.toMatch(BAR);
  });

  test('after kill -9 the cursor stands below it, and was never hidden', async () => {
    const { screen } = await underWay();
    await screen.until(isUnderWay);
    screen.signal('SIGKILL');
    expect((await screen.until(ENDED(137))).split('\n').slice(1)).toEqual([...BOARD, 'code 137']);
    expect(screen.written).not.toContain('?25l');
  });

  test('keeps its counts and its ages as time goes by, and counts nothing that is due later', async () => {
    const { cli, letGo } = await toldTasks(['one']);
    await cli.add({ description: 'later', notBefore: '2100-01-01T00:00:00.000Z' });
    const clock = new ClockFile(cli);
    const screen = await inEmulator(cli, ['run', '--exec', TOLD], SIZE);
    await screen.until((text) => text.includes('executing'));
    clock.forward(61);
    expect(await screen.until((text) => text.includes('1m1s  executing'))).toContain(
      '0 of 1 done, 0 failed, 1m1s',
    );
    letGo(1, 'x');
    await screen.until(ENDED(0));
  });
});

describe('orch watch on a terminal', () => {
  test('shows the same board, and each run that there is; Ctrl-C takes it away', async () => {
    const { cli, letGo } = await toldTasks(['one', 'two', 'three']);
    const clock = new ClockFile(cli);
    const screen = await inEmulator(cli, ['watch'], SIZE);
    const idle = await screen.until((text) => text.startsWith('· ') && text.includes('0 of 3 done'));
    expect(idle.split('\n')).toEqual([
      '· no run works on tasks.json',
      '·'.repeat(60),
      '0 of 3 done, 0 failed',
      'no run works on tasks.json',
    ]);
    clock.forward(1);
    const env = clockEnvironment(cli);
    const args = ['-j', '1', '--exec', TOLD];
    const first = cli.start(['run', ...args], { env });
    await screen.until((text) => text.includes('▶ task-001') && text.includes('executing'));
    const second = cli.start(['run', ...args], { env });
    const both = await screen.until((text) => text.includes('2 runs') && text.includes('▶ task-002  '));
    expect(both).toMatch(/executing, run-\w+ {2}two\n▶+·+\n0 of 3 done, 0 failed/);
    letGo(1, 'fine');
    await screen.until((text) => text.includes('1 of 3 done'));
    for (const run of [first, second]) run.kill('SIGKILL');
    await screen.until((text) => text.includes('2 tasks left by a run that is gone'));
    await screen.press('C-c');
    const ended = await screen.until(ENDED(0));
    expect(ended).not.toMatch(BAR);
    expect(ended).toContain('✓ task-001  completed, unverified');
  });
});

describe.runIf(HAS_SCRIPT)('there is no board', () => {
  /** What a real terminal is sent. */
  async function shown(script: string): Promise<string> {
    const cli = new Cli();
    await cli.add('one');
    await cli.add('two');
    const { stdout } = await resultOf(cli.terminal(script));
    return stdout;
  }

  test('but on a terminal that is all a run’s own', async () => {
    expect(await shown('orch run --exec cat')).toContain('\u001b[?2026h');
  });

  test('where standard output is a pipe, which may end at the same terminal', async () => {
    const text = await shown('orch run --exec cat | cat');
    expect(text).toContain('task-002  completed');
    expect(text).not.toContain('\u001b[?2026h');
  });

  test('of a job in the background, whose terminal others write to', async () => {
    const text = await shown('set -m; orch run --exec cat > log & wait; cat log');
    expect(text).toContain('task-002  completed');
    expect(text).not.toContain('\u001b[?2026h');
  });
});

test.each(WIDTHS)(
  'orch list has a row for each task, whatever its text holds: by tables %s',
  async (widths) => {
    const cli = new Cli();
    const texts = ['❤️', '⚠️', '👨‍👩‍👧', '1️⃣', '🇩🇪', '한'].map((sign) => sign.repeat(60));
    await cli.run(['add', '-'], { input: texts.join('\n') });
    new ClockFile(cli);
    const screen = await inEmulator(cli, ['list'], { ...SIZE, widths });
    expect((await screen.until(ENDED(0))).split('\n')).toEqual([
      ...texts.map(() => expect.stringMatching(/^· task-00\d .*…$/)),
      'code 0',
    ]);
  },
);
