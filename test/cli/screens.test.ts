import { describe, expect, test } from 'vitest';
import { preload } from '../support/cli.ts';
import {
  ClockFile,
  clockEnvironment,
  HAS_TMUX,
  inEmulator,
  inTmux,
  type Screen,
  type Starter,
} from '../support/screens.ts';
import { NOT_LONG, TOLD, toldTasks } from '../support/told-tasks.ts';

const TASKS = [
  'Write a haiku about orchestration, in which a conductor waits for all of the musicians, and none of them comes in late',
  '세 줄로 된 하이쿠를 쓰세요. 日本語でも書いてください。漢字とかなを混ぜること。最後に一行で説明を付けること。',
  'Ça va? 🇩🇪 flag, e\u0301 accent, 👍🏽 thumb',
  'echo broken',
];

/** A run with all that can happen: what the screen shows at each step. */
async function recorded(start: Starter, columns: number): Promise<string> {
  const { cli, letGo } = await toldTasks(TASKS);
  const clock = new ClockFile(cli);
  const args = ['run', '-j', '3', '--exec', TOLD, '--check', NOT_LONG, '--max-attempts', '2'];
  const screen: Screen = await start(cli, args, { columns, rows: 30 });
  const shown: string[] = [];
  const record = async (step: string, ...marks: (string | RegExp)[]) => {
    const isShown = (text: string) => marks.every((mark) => text.search(mark) >= 0);
    shown.push(`== ${step}`, await screen.until(isShown), '');
  };
  // A line and the board below it become new one after the other.
  await record('three of four tasks run', 'task-003  started', /▶ task-003 +0s/, '0 of 4 done');
  clock.forward(75);
  letGo(1, 'fine');
  await record('one is done, and the next begins', 'task-004  started', /▶ task-004 +0s/, '1 of 4 done');
  letGo(2, 'long');
  await record(
    'one is rejected, and begins again',
    'task-002  started again',
    /task-002 +0s.*attempt 2/,
    '1 retried',
  );
  clock.forward(10);
  letGo(4, 'broken');
  await record(
    'one has failed, and begins again',
    'task-004  started again',
    /task-004 +0s.*attempt 2/,
    '2 retried',
  );
  const [other, mark] = columns === 40 ? [80, '2 retried, 0.7/min'] : [40, '2 retried,\n'];
  await screen.resize(other, 30);
  await record(`${other} columns`, mark);
  letGo(2, 'fine');
  await record('another is done', '✓ task-002', '2 of 4 done');
  letGo(3, 'fine');
  await record('one is left', '✓ task-003', '3 of 4 done');
  letGo(4, 'broken');
  await record('the end', 'code 1');
  return `${shown.join('\n').trimEnd()}\n`;
}

/** Somebody who watches two runs of other terminals, one of which is killed. */
async function watched(start: Starter, columns: number): Promise<string> {
  const { cli, letGo } = await toldTasks(TASKS);
  const clock = new ClockFile(cli);
  const screen = await start(cli, ['watch'], { columns, rows: 30 });
  const shown: string[] = [];
  const record = async (step: string, isShown: (text: string) => boolean) => {
    shown.push(`== ${step}`, await screen.until(isShown), '');
  };
  const run = (pid: number) => {
    const { NODE_OPTIONS, ...clock } = clockEnvironment(cli);
    const place = { TEST_HOST: 'here', TEST_PID: String(pid) };
    const options = `${NODE_OPTIONS} --import=${preload('other-host.ts')}`;
    return cli.start(['run', '-j', '1', '--exec', TOLD], {
      env: { ...clock, ...place, NODE_OPTIONS: options },
    });
  };
  const isHeld = (text: string, n: number) =>
    text.includes(`task-00${n}  started`) && new RegExp(`▶ task-00${n} +0s`).test(text);
  await record('no run', (text) => text.startsWith('· ') && text.includes('0 of 4 done'));
  clock.forward(1);
  const first = run(1111);
  await record('one run', (text) => isHeld(text, 1));
  clock.forward(60);
  run(2222);
  await record('two runs', (text) => text.includes('2 runs on 1 machine') && isHeld(text, 2));
  letGo(1, 'fine');
  await record('one task is done', (text) => isHeld(text, 3) && text.includes('1 of 4 done'));
  first.kill('SIGKILL');
  await record('one run was killed', (text) => text.includes('has left') && text.includes('1 task left by'));
  await screen.press('C-c');
  await record('Ctrl-C', (text) => text.includes('code 0'));
  return withNamedRuns(`${shown.join('\n').trimEnd()}\n`);
}

/** Ids of runs are drawn by lot: the first is made `run-aaaaaaaa`, the second `run-bbbbbbbb`, also where they are cut. */
function withNamedRuns(text: string): string {
  const ids = [...new Set(text.match(/(?<=run-)[0-9a-f]{8}/g))];
  return text.replace(/(?<=run-)[0-9a-f]{1,8}/g, (part) =>
    'ab'.charAt(ids.findIndex((id) => id.startsWith(part))).repeat(part.length),
  );
}

describe.each([40, 80, 200])('on a terminal of %i columns', (columns) => {
  describe.each([
    ['run', recorded],
    ['watch', watched],
  ] as const)('orch %s', (name, record) => {
    const golden = `../fixtures/screens/${name}-${columns}.txt`;

    test.skipIf(!HAS_TMUX)('looks as it was recorded, in tmux (skipped where there is none)', async () => {
      await expect(await record(inTmux, columns)).toMatchFileSnapshot(golden);
    });

    test('looks the same in an emulated one', async () => {
      await expect(await record(inEmulator, columns)).toMatchFileSnapshot(golden);
    });
  });
});
