import { describe, expect, test } from 'vitest';
import { ClockFile, HAS_TMUX, inEmulator, inTmux, type Screen, type Starter } from '../support/screens.ts';
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
  const record = async (step: string, ...marks: string[]) => {
    const rows = await screen.until((text) => marks.every((mark) => text.includes(mark)));
    shown.push(`== ${step}`, rows, '');
  };
  await record('three of four tasks run', '▶ task-003 ', '0 of 4 done');
  clock.forward(75);
  letGo(1, 'fine');
  await record('one is done, and the next begins', '▶ task-004     0s', '1 of 4 done');
  letGo(2, 'long');
  await record('one is rejected, and begins again', 'attempt 2', '1 retried');
  clock.forward(10);
  letGo(4, 'broken');
  await record('one has failed, and begins again', '2 retried', 'task-004  started again');
  const [other, mark] = columns === 40 ? [80, '2 retried, 0.7/min'] : [40, '2 retried,\n'];
  await screen.resize(other, 30);
  await record(`${other} columns`, mark);
  letGo(2, 'fine');
  await record('another is done', '2 of 4 done');
  letGo(3, 'fine');
  await record('one is left', '3 of 4 done');
  letGo(4, 'broken');
  await record('the end', 'code 1');
  return `${shown.join('\n').trimEnd()}\n`;
}

describe.each([40, 80, 200])('a run on a terminal of %i columns', (columns) => {
  const golden = `../fixtures/screens/run-${columns}.txt`;

  test.skipIf(!HAS_TMUX)('looks as it was recorded, in tmux (skipped where there is none)', async () => {
    await expect(await recorded(inTmux, columns)).toMatchFileSnapshot(golden);
  });

  test('looks the same in an emulated one', async () => {
    await expect(await recorded(inEmulator, columns)).toMatchFileSnapshot(golden);
  });
});
