import { afterEach, expect, test, vi } from 'vitest';
import { LiveBoard } from '../../../src/cli/board/live-board.ts';
import { boardLines } from '../../../src/cli/board/render.ts';
import { Emulator } from '../../support/emulator.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const asIs = (text: string) => text;
const paint = { green: asIs, red: asIs, yellow: asIs, cyan: asIs, dim: asIs, bold: asIs };

/** On an emulated terminal, at a time of the test's own. */
function liveBoard() {
  let at = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => at);
  const emulator = new Emulator({ columns: 40, rows: 20 });
  const terminal = {
    columns: 40,
    rows: 20,
    isTTY: true,
    fd: 1,
    on: () => terminal,
    off: () => terminal,
    write: (text: string) => emulator.write(text),
  } as unknown as NodeJS.WriteStream;
  let done = 0;
  const board = () => ({
    running: [],
    total: 9,
    completed: done,
    failed: 0,
    retried: 0,
    startedAt: undefined,
    cost: undefined,
    notes: [],
    limits: [],
  });
  const live = new LiveBoard({
    terminal,
    lines: (screen) => boardLines(board(), screen),
    paint,
    now: () => 0,
  });
  return {
    emulator,
    live,
    passes: (ms: number) => {
      at += ms;
      done++;
      live.changed();
    },
  };
}

test('what others wrote while the process was stopped stays, whatever comes first when it goes on', async () => {
  const { emulator, live, passes } = liveBoard();
  passes(1_000);
  await emulator.write('$ seq 2\n1\n2\n$ fg\n');
  passes(10_000);
  passes(500);
  live.close();
  await emulator.write('');
  expect(emulator.rows.join('\n')).toContain('$ seq 2\n1\n2\n$ fg');
});
