import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Board, RunningTask } from '../../../src/cli/board/board.ts';
import { boardLines } from '../../../src/cli/board/render.ts';
import { paint } from '../../../src/cli/terminal.ts';
import { Emulator, WIDTHS } from '../../support/emulator.ts';

const plain = await paint(false);
const coloured = await paint(true);
const START = Date.parse('2030-01-01T00:00:00Z');

const EMPTY: Board = {
  running: [],
  total: 0,
  completed: 0,
  failed: 0,
  retried: 0,
  startedAt: START,
  cost: undefined,
  notes: [],
  limits: [],
};

function running(number: number, more: Partial<RunningTask> = {}): RunningTask {
  const id = `task-${String(number).padStart(3, '0')}`;
  return { id, description: `Write ${number}`, attempt: 1, phase: 'executing', since: START, ...more };
}

function lines(board: Partial<Board>, { columns = 80, rows = 24, seconds = 0 } = {}): string[] {
  return boardLines({ ...EMPTY, ...board }, { columns, rows, paint: plain, now: START + seconds * 1000 });
}

describe('the board', () => {
  test('shows each running task, how far the run is, what it did cost and how long it takes', () => {
    const board = {
      running: [running(3), running(4, { phase: 'verifying', attempt: 2, since: START + 8000 })],
      total: 10,
      completed: 3,
      failed: 1,
      retried: 2,
      cost: '$0.1234',
    };
    expect(lines(board, { seconds: 20 })).toEqual([
      '▶ task-003   20s  executing  Write 3',
      '▶ task-004   12s  verifying, attempt 2  Write 4',
      `${'✓'.repeat(18)}${'✗'.repeat(6)}${'▶'.repeat(12)}${'·'.repeat(24)}`,
      '3 of 10 done, 1 failed, 2 retried, 12/min, $0.1234, 20s, about 30s left',
    ]);
  });

  test('of a run that starts nothing more nobody can say how long the rest takes', () => {
    const board = { running: [running(1)], total: 4, completed: 1 };
    expect(lines(board, { seconds: 60 })[2]).toBe('1 of 4 done, 0 failed, 1/min, 1m, about 3m left');
    const held = { ...board, startsNothing: true };
    expect(lines(held, { seconds: 60 })[2]).toBe('1 of 4 done, 0 failed, 1/min, 1m');
  });

  test('says what is waited for, and how a limit is used', () => {
    const limits = { requests: { perMinute: 600, left: 0, used: 598 } };
    const state = { model: 'm', limits, inFlight: 17, waiting: 12, waitsFor: 'requests' as const };
    expect(lines({ total: 2, notes: ['paused: nothing new'], limits: [state] }).slice(1)).toEqual([
      '0 of 2 done, 0 failed, 0s',
      'paused: nothing new',
      '12 waiting for requests (598 of 600/min)',
    ]);
  });

  test('of more tasks than there are rows, the first ones and how many more', () => {
    const board = { running: Array.from({ length: 30 }, (_, i) => running(i + 1)), total: 30 };
    const shown = lines(board, { rows: 10 });
    expect(shown).toHaveLength(9);
    expect(shown[5]).toMatch(/^▶ task-006/);
    expect(shown[6]).toBe('  and 24 more');
    expect(lines({ ...board, running: board.running.slice(0, 7) }, { rows: 10 })[6]).toMatch(/^▶ task-007/);
  });

  test('in 40 columns the facts go on in a further line, and what has no room is left out', () => {
    const board = {
      running: [running(1, { phase: 'verifying', attempt: 2, run: 'run-12345678' })],
      total: 1000,
      completed: 123,
      failed: 4,
      retried: 5,
      cost: '$12.34',
    };
    expect(lines(board, { columns: 40, seconds: 3725 })).toEqual([
      '▶ task-001  1h2m5s  verifying, attempt…',
      expect.stringMatching(/^✓+✗▶·+$/),
      '123 of 1,000 done, 4 failed, 5 retried,',
      '2/min, $12.34, 1h2m5s, about 7h7m left',
    ]);
  });

  test('the pace of the first second is none', () => {
    expect(lines({ total: 2, completed: 1 })[1]).toBe('1 of 2 done, 0 failed, 0s');
    const many = { total: 3000, completed: 1250, failed: 1000, retried: 1001 };
    expect(lines(many)[1]).toBe('1,250 of 3,000 done, 1,000 failed, 1,001 retried, 0s');
    expect(lines({ total: 2, completed: 1, startedAt: undefined })[1]).toBe('1 of 2 done, 0 failed');
    expect(lines({ total: 2, completed: 1 }, { seconds: 100 })[1]).toContain(
      ' 0.6/min, 1m40s, about 1m40s left',
    );
  });

  test('says the same without colours', () => {
    const board: Board = { ...EMPTY, running: [running(1)], total: 5, completed: 1, failed: 1, notes: ['x'] };
    const screen = { columns: 80, rows: 24, now: START };
    const inColours = boardLines(board, { ...screen, paint: coloured });
    expect(inColours.join('')).toContain('\u001b[');
    expect(inColours.map(stripVTControlCharacters)).toEqual(boardLines(board, { ...screen, paint: plain }));
  });
});

/** What tasks may hold: wide, combining, put together of several, steering. */
const words = fc.constantFrom(
  ...[
    'word',
    '한국어',
    '日本語テキスト',
    '👩‍👩‍👧‍👦',
    '🇩🇪🇫🇷',
    '❤️',
    '1️⃣',
    'é',
    'e\u0301\u0323',
    'नमस्ते',
    '👍🏽',
    'ﷺ',
    'ᄀ각',
    '⌚️⌚︎',
  ],
  ...[
    '\u001b[31mred',
    '\u0007',
    '\u200b',
    '\u202ex',
    'a\nb',
    '\u0301',
    '🫠',
    'ｆｕｌｌ',
    '\ud83d',
    '☁︎',
    '⠿',
    '…',
  ],
);
const hostile = fc
  .array(fc.oneof(words, fc.string({ unit: 'grapheme', maxLength: 6 })), { maxLength: 60, size: 'max' })
  .map((parts) => parts.join(' '));

const someBoard: fc.Arbitrary<Board> = fc.record({
  running: fc.array(
    fc.record({
      id: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
      description: hostile,
      attempt: fc.integer({ min: 1, max: 1000 }),
      phase: fc.constantFrom('executing', 'verifying', 'waiting'),
      since: fc.integer({ min: START - 1e9, max: START + 1e9 }),
      run: fc.option(fc.stringMatching(/^[a-z0-9-]{1,40}$/), { nil: undefined }),
    }),
    { maxLength: 30, size: 'max' },
  ) as fc.Arbitrary<RunningTask[]>,
  total: fc.nat(1_000_000),
  completed: fc.nat(1_000_000),
  failed: fc.nat(1_000_000),
  retried: fc.nat(1_000_000),
  startedAt: fc.option(fc.integer({ min: START - 1e9, max: START }), { nil: undefined }),
  cost: fc.option(fc.constantFrom('$0.1234', 'cost unknown', '$123456.78 of $200000.00'), { nil: undefined }),
  notes: fc.array(hostile, { maxLength: 3 }),
  limits: fc.constant([]),
});

describe('whatever is on the board', () => {
  test.each(WIDTHS)(
    'no line is wider than the screen, by tables %s, and there are no more than its rows',
    async (widths) => {
      await fc.assert(
        fc.asyncProperty(
          someBoard,
          fc.integer({ min: 40, max: 200 }),
          fc.integer({ min: 2, max: 60 }),
          async (board, columns, rows) => {
            const shown = boardLines(board, { columns, rows, paint: coloured, now: START });
            expect(shown.length).toBeLessThan(rows);
            // On a terminal that is wide enough, each leaves the cursor where it ends.
            const emulator = new Emulator({ columns: 450, rows: 5, widths });
            for (const line of shown) {
              await emulator.write(`\r\u001b[K${line}`);
              expect(emulator.cursor.row).toBe(0);
              expect(emulator.cursor.column).toBeLessThanOrEqual(columns);
            }
          },
        ),
        { numRuns: 25 },
      );
    },
  );
});
