import { renameSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Context } from '../../src/cli/context.ts';
import { showProgress } from '../../src/cli/progress.ts';
import { progressLine } from '../../src/cli/progress-line.ts';
import { paint } from '../../src/cli/terminal.ts';
import { width } from '../../src/cli/width.ts';
import { Cli, preload } from '../support/cli.ts';
import { ClockFile, type EmulatedScreen, inEmulator } from '../support/screens.ts';

const plain = await paint(false);

describe('how far it is, in one line', () => {
  const read = { name: 'rows.csv', text: '45,000 rows', share: 0.43 };

  test.each([
    [200, `${'■'.repeat(17)}${'·'.repeat(23)}   43 %  rows.csv: 45,000 rows`],
    [80, `${'■'.repeat(17)}${'·'.repeat(23)}   43 %  rows.csv: 45,000 rows`],
    [50, `${'■'.repeat(8)}${'·'.repeat(12)}   43 %  rows.csv: 45,000 rows`],
    [36, `${'■'.repeat(6)}${'·'.repeat(10)}   43 %  45,000 rows`],
    [20, '43 %  45,000 rows'],
    [8, '43 %  4…'],
    [1, '…'],
  ])('on %i columns', (columns, line) => {
    expect(progressLine(read, columns, plain)).toBe(line);
  });

  test('where nobody can tell how much there is, it is counted', () => {
    const counted = { name: 'standard input', text: '45,000 rows' };
    expect(progressLine(counted, 80, plain)).toBe('standard input: 45,000 rows');
    expect(progressLine(counted, 20, plain)).toBe('45,000 rows');
  });

  test.each([
    [0, `${'·'.repeat(40)}    0 %`],
    [0.999, `${'■'.repeat(39)}·   99 %`],
    [1, `${'■'.repeat(40)}  100 %`],
    [1.5, `${'■'.repeat(40)}  100 %`],
  ])('a share of %f', (share, begin) => {
    expect(progressLine({ text: 'x', share }, 80, plain)).toBe(`${begin}  x`);
  });

  test('it is never wider than the terminal, and moves on', () => {
    const far = fc.record({
      text: fc.constantFrom('1 row', '45,000 rows', 'adding 100,000 tasks'),
      name: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
      share: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(far, fc.integer({ min: 1, max: 120 }), (howFar, columns) => {
        const line = progressLine(howFar as Parameters<typeof progressLine>[0], columns, plain);
        expect(width(line)).toBeLessThanOrEqual(columns);
        expect(line.replaceAll(/\P{Cc}/gu, '')).toBe('');
      }),
    );
  });
});

describe('who sees it', () => {
  let written = '';

  beforeEach(() => {
    written = '';
    vi.useFakeTimers();
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written += text;
      return true;
    });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  async function shownAfter(ms: number, given: Partial<Context>, terminal = { isTTY: true, columns: 60 }) {
    const before = { isTTY: process.stderr.isTTY, columns: process.stderr.columns };
    Object.assign(process.stderr, terminal);
    const context = {
      json: false,
      quiet: false,
      env: {},
      paintError: async () => plain,
      ...given,
    } as Context;
    const progress = showProgress(context);
    progress.howFar = () => ({ text: '7 rows', share: 0.5 });
    await vi.advanceTimersByTimeAsync(ms);
    await vi.dynamicImportSettled();
    const shown = written;
    progress.end();
    Object.assign(process.stderr, before);
    return shown;
  }

  test('a person, after a second', async () => {
    expect(await shownAfter(999, {})).toBe('');
    expect(await shownAfter(1_000, {})).toContain('50 %  7 rows');
  });

  test.each<[string, Partial<Context>, { isTTY: boolean; columns: number }?]>([
    ['a pipe', {}, { isTTY: false, columns: 60 }],
    ['a job of CI', { env: { CI: 'true' } }],
    ['a job of GitHub Actions', { env: { GITHUB_ACTIONS: 'true' } }],
    ['a dumb terminal', { env: { TERM: 'dumb' } }],
    ['a terminal of no size', {}, { isTTY: true, columns: 0 }],
    ['who wants JSON', { json: true }],
    ['who wants quiet', { quiet: true }],
  ])('not %s', async (_, given, terminal) => {
    expect(await shownAfter(5_000, given, terminal)).toBe('');
  });
});

const ROW = 64;
const CHUNK = 64 * 1024;

/** Four chunks of rows, of which as many are read as the gate is open for. */
async function reading(columns: number, args: string[], last = '') {
  const cli = new Cli();
  new ClockFile(cli);
  const rows = (4 * CHUNK) / ROW;
  const row = (n: number) => `${JSON.stringify({ description: `row ${n}` }).padEnd(ROW - 1)}\n`;
  cli.write('rows.jsonl', Array.from({ length: rows }, (_, n) => row(n)).join('') + last);
  const open = (chunks: number) => {
    cli.write('gate.new', String(chunks * CHUNK));
    renameSync(cli.path('gate.new'), cli.path('gate'));
  };
  open(1);
  vi.stubEnv('GATE', cli.path('gate'));
  const screen = await inEmulator(cli, args, {
    columns,
    rows: 10,
    only: 'err',
    imports: [preload('gated-reads.ts')],
  });
  return { cli, open, screen };
}

const shows = (screen: EmulatedScreen, line: string) => screen.until((text) => text === line);

describe('on a terminal', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('a bar moves with what is read of a file, fits when the terminal changes, and is gone at the end', async () => {
    const { cli, open, screen } = await reading(80, ['add', '-f', 'rows.jsonl']);
    await shows(screen, `${'■'.repeat(10)}${'·'.repeat(30)}   25 %  rows.jsonl: 1,024 rows`);
    open(2);
    await shows(screen, `${'■'.repeat(20)}${'·'.repeat(20)}   50 %  rows.jsonl: 2,048 rows`);
    await screen.resize(36, 10);
    await shows(screen, `${'■'.repeat(8)}${'·'.repeat(8)}   50 %  2,048 rows`);
    open(3);
    await shows(screen, `${'■'.repeat(12)}${'·'.repeat(4)}   75 %  3,072 rows`);
    await screen.resize(20, 10);
    await shows(screen, '75 %  3,072 rows');
    open(5);
    await shows(screen, 'code 0');
    expect(cli.read('file').trimEnd().split('\n')).toHaveLength(4_096);
  });

  test('nothing of it is left above what went wrong', async () => {
    const { cli, open, screen } = await reading(80, ['add', '-f', 'rows.jsonl'], 'bad');
    await screen.until((text) => /■ .*1,024 rows$/.test(text.replaceAll('·', '')));
    open(5);
    await shows(screen, 'rows.jsonl, line 4097: this is not JSON; give one object a line\ncode 2');
    expect(cli.read('file')).toBe('');
  });
});
