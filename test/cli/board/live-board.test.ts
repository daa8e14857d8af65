import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Board } from '../../../src/cli/board/board.ts';
import { LiveBoard } from '../../../src/cli/board/live-board.ts';
import { boardLines } from '../../../src/cli/board/render.ts';
import { Emulator } from '../../support/emulator.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const asIs = (text: string) => text;
const paint = { green: asIs, red: asIs, yellow: asIs, cyan: asIs, dim: asIs, bold: asIs };

const EMPTY: Board = {
  running: [],
  total: 9,
  completed: 0,
  failed: 0,
  retried: 0,
  startedAt: undefined,
  cost: undefined,
  notes: [],
  limits: [],
};

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
  const board = () => ({ ...EMPTY, completed: done });
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

test.each([
  ['a tick', 10_500],
  ['a drawing that was put off', 50],
])('%s that is overdue when the process goes on waits until that is heard', (_, quietMs) => {
  vi.useFakeTimers();
  let written = '';
  const terminal = Object.assign(new EventEmitter(), {
    ...{ columns: 40, rows: 20, isTTY: true, fd: 1 },
    write: (text: string) => (written += text),
  }) as unknown as NodeJS.WriteStream;
  let done = 0;
  const live = new LiveBoard({ terminal, lines: () => [`${done}`], paint });
  vi.advanceTimersByTime(quietMs);
  done++;
  if (quietMs < 100) live.changed();
  written = '';
  vi.advanceTimersToNextTimer();
  expect(written).toBe('');
  process.emit('SIGCONT', 'SIGCONT');
  expect(written).toContain('1');
  expect(written).not.toContain('\u001b[1A');
  live.close();
});

describe('while the window is dragged', () => {
  /** A board on a terminal whose size a test changes, at a time of the test's own. */
  function dragged() {
    vi.useFakeTimers();
    const terminal = Object.assign(new EventEmitter(), {
      ...{ columns: 40, rows: 20, isTTY: true, fd: 1 },
      write: (text: string) => written.push(text),
    });
    const written: string[] = [];
    const stream = terminal as unknown as NodeJS.WriteStream;
    const live = new LiveBoard({
      terminal: stream,
      lines: (screen) => boardLines(EMPTY, screen),
      paint,
      now: () => 0,
    });
    const becomes = (columns: number) => {
      terminal.columns = columns;
      terminal.emit('resize');
      vi.advanceTimersByTime(300);
    };
    written.length = 0;
    return { live, stream, written, becomes };
  }

  test('nothing is written, since that would reach a terminal of another size; when it rests, what waits and the board', () => {
    const { live, stream, written, becomes } = dragged();
    for (const columns of [38, 36, 34, 32, 30]) becomes(columns);
    live.changed();
    live.above(stream, 'one is done\n');
    becomes(28);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(written).toHaveLength(1);
    expect(written[0]).toContain(`one is done\r\n\u001b[?7l${'·'.repeat(27)}\u001b[K`);
    live.close();
  });

  test('a run that ends leaves nothing unsaid', () => {
    const { live, stream, written, becomes } = dragged();
    becomes(38);
    live.above(stream, 'all is done\n');
    live.close();
    expect(written.join('')).toContain('all is done');
    vi.advanceTimersByTime(10_000);
    expect(written.at(-1)).not.toContain('·');
  });
});
