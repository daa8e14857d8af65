import { expect, test } from 'vitest';
import { preload } from '../../support/cli.ts';
import { ClockFile, HAS_TMUX, inTmux } from '../../support/screens.ts';
import { TOLD, toldTasks } from '../../support/told-tasks.ts';

const ROWS = 20;
const [WIDEST, NARROWEST] = [120, 60];

/** Its widths while a window is dragged to and fro, and left narrow. */
function* widths(): Generator<number> {
  for (let width = WIDEST; width > NARROWEST; width -= 3) yield width;
  for (let width = NARROWEST; width < WIDEST; width += 3) yield width;
  for (let width = WIDEST; width >= NARROWEST; width -= 3) yield width;
}

test.skipIf(!HAS_TMUX)(
  'a window that was dragged has one board, and nothing of an older one in its history (skipped where there is no tmux)',
  async () => {
    const long =
      'so much to be done that it fills a line of a window that is not very narrow, and is cut in others';
    const { cli } = await toldTasks([`one: ${long}`, `two: ${long}`, `three: ${long}`]);
    const clock = new ClockFile(cli);
    const options = { columns: WIDEST, rows: ROWS, imports: [preload('told-rest.ts')] };
    const screen = await inTmux(cli, ['run', '-j', '3', '--exec', TOLD], options);
    await screen.until((text) => /▶ task-003 +0s/.test(text) && text.includes('task-003  started'));
    for (const width of widths()) await screen.resize(width, ROWS);
    clock.forward(5);
    cli.write('rest', `${NARROWEST}x${ROWS}`);
    const shown = await screen.until((text) => text.includes('0 of 3 done, 0 failed, 5s'));
    expect(shown.match(/▶ task-00\d +\d+s/g)).toEqual([
      '▶ task-001    5s',
      '▶ task-002    5s',
      '▶ task-003    5s',
    ]);
    expect(shown.match(/0 of 3 done/g)).toHaveLength(1);
  },
);
