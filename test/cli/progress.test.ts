import { renameSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { agrees } from '../../src/cli/ask.ts';
import type { Context } from '../../src/cli/context.ts';
import { openSource } from '../../src/cli/input/source.ts';
import { showProgress } from '../../src/cli/progress.ts';
import { type HowFar, progressLine } from '../../src/cli/progress-line.ts';
import { paint } from '../../src/cli/terminal.ts';
import { width } from '../../src/cli/width.ts';
import { Cli, preload } from '../support/cli.ts';
import { ClockFile, type EmulatedScreen, inEmulator } from '../support/screens.ts';

const plain = await paint(false);
/** In the place of a bar. */
const SIGN = '⠋';

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
    expect(progressLine(read, columns, plain, SIGN)).toBe(line);
  });

  test('where nobody can tell how much there is, it is counted', () => {
    const counted = { name: 'standard input', text: '45,000 rows' };
    expect(progressLine(counted, 80, plain, SIGN)).toBe('⠋ standard input: 45,000 rows');
    expect(progressLine(counted, 20, plain, SIGN)).toBe('⠋ 45,000 rows');
    expect(progressLine(counted, 8, plain, SIGN)).toBe('⠋ 45,00…');
    expect(progressLine(counted, 2, plain, SIGN)).toBe('4…');
  });

  test.each([
    [0, `${'·'.repeat(40)}    0 %`],
    [0.999, `${'■'.repeat(39)}·   99 %`],
    [1, `${'■'.repeat(40)}  100 %`],
    [1.5, `${'■'.repeat(40)}  100 %`],
  ])('a share of %f', (share, begin) => {
    expect(progressLine({ text: 'x', share }, 80, plain, SIGN)).toBe(`${begin}  x`);
  });

  test('it is never wider than the terminal, and moves on', () => {
    const far = fc.record({
      text: fc.constantFrom('1 row', '45,000 rows', 'adding 100,000 tasks'),
      name: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
      share: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(far, fc.integer({ min: 1, max: 120 }), (howFar, columns) => {
        const line = progressLine(howFar as HowFar, columns, plain, SIGN);
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

  async function shownAfter(
    ms: number,
    given: Partial<Context>,
    {
      terminal = { isTTY: true, columns: 60 },
      far = { text: '7 rows', share: 0.5 } as HowFar,
      moreMs = 0,
    } = {},
  ) {
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
    progress.howFar = () => far;
    await vi.advanceTimersByTimeAsync(ms);
    await vi.dynamicImportSettled();
    await vi.advanceTimersByTimeAsync(moreMs);
    const shown = written;
    progress.end();
    Object.assign(process.stderr, before);
    return shown;
  }

  test('a person, after a second', async () => {
    expect(await shownAfter(999, {})).toBe('');
    expect(await shownAfter(1_000, {})).toContain('50 %  7 rows');
  });

  test('a sign that turns stands in the place of a bar where there is none to be had', async () => {
    const shown = await shownAfter(1_000, {}, { far: { text: '7 rows' }, moreMs: 200 });
    expect(shown).toContain('⠋ 7 rows');
    expect(shown).toContain('⠙ 7 rows');
  });

  test('of two, one within the other, the first one alone', async () => {
    const inner = () => shownAfter(1_000, {}, { far: { text: 'inner' } });
    Object.assign(process.stderr, { isTTY: true, columns: 60 });
    const outer = showProgress({ json: false, quiet: false, env: {}, paintError: async () => plain });
    outer.howFar = () => ({ text: 'outer' });
    expect(await inner()).toMatch(/^((?!inner).)*outer((?!inner).)*$/s);
    outer.end();
    outer.end();
    expect(await inner()).toContain('inner');
  });

  /** What is shown in two seconds in which somebody types, and has begun after this. */
  async function shownWhileTyping(begin: () => unknown, isTTY = true): Promise<string> {
    const input = Object.assign(new PassThrough(), { isTTY });
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(input as unknown as typeof process.stdin);
    Object.assign(process.stderr, { isTTY: true, columns: 60 });
    const progress = showProgress({ json: false, quiet: false, env: {}, paintError: async () => plain });
    progress.howFar = () => ({ text: '7 rows' });
    const begun = begin();
    await vi.advanceTimersByTimeAsync(2_000);
    await vi.dynamicImportSettled();
    await vi.advanceTimersByTimeAsync(200);
    const shown = written;
    input.end('n\n');
    await begun;
    progress.end();
    return shown;
  }

  test('whoever stopped it for less than two seconds, below what he wrote meanwhile', async () => {
    Object.assign(process.stderr, { isTTY: true, columns: 60 });
    const progress = showProgress({ json: false, quiet: false, env: {}, paintError: async () => plain });
    progress.howFar = () => ({ text: '7 rows' });
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.dynamicImportSettled();
    await vi.advanceTimersByTimeAsync(150);
    written = '';
    // What is overdue comes before the signal.
    vi.advanceTimersToNextTimer();
    expect(written).toBe('');
    process.emit('SIGCONT', 'SIGCONT');
    expect(written).toContain(' 7 rows');
    expect(written).not.toContain('\u001b[1A');
    progress.end();
  });

  test('nobody while a question is asked', async () => {
    const shown = await shownWhileTyping(() => agrees('Sure?'));
    expect(shown).toContain('Sure? [y/N] ');
    expect(shown).not.toContain('7 rows');
  });

  test('nobody who types what is read, and who pipes it does', async () => {
    const shown = await shownWhileTyping(() => openSource('-'));
    expect(shown).toContain('Reading what is typed here; Ctrl-D ends it');
    expect(shown).not.toContain('7 rows');
    expect(await shownWhileTyping(() => openSource('-'), false)).toContain('7 rows');
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
    expect(await shownAfter(5_000, given, terminal && { terminal })).toBe('');
  });
});

/** What is let pass of something that a command waits for. */
function gate(cli: Cli, passes: number) {
  const open = (more: number): void => {
    cli.write('gate.new', String(more));
    renameSync(cli.path('gate.new'), cli.path('gate'));
  };
  open(passes);
  vi.stubEnv('GATE', cli.path('gate'));
  return open;
}

async function onScreen(cli: Cli, args: string[], columns: number, module: string): Promise<EmulatedScreen> {
  new ClockFile(cli);
  return inEmulator(cli, args, { columns, rows: 10, only: 'err', imports: [preload(module)] });
}

const CHUNK = 64 * 1024;
/** Bytes, so that a chunk holds 512 of them. */
const ROW = 128;

const ROWS = {
  add: (n: number) => ({ description: `row ${n}` }),
  import: (n: number) => ({
    custom_id: `row-${n}`,
    params: { messages: [{ role: 'user', content: 'x' }] },
  }),
};

/** A command that reads four chunks of rows, of which one is let pass. @param last what stands behind them. */
async function reading(columns: number, command: keyof typeof ROWS, args: string[], last = '') {
  const cli = new Cli();
  const rows = Array.from({ length: (4 * CHUNK) / ROW }, (_, n) => JSON.stringify(ROWS[command](n)));
  cli.write('rows.jsonl', rows.map((row) => `${row.padEnd(ROW - 1)}\n`).join('') + last);
  const open = gate(cli, CHUNK);
  const screen = await onScreen(cli, [command, ...args], columns, 'gated-reads.ts');
  return { cli, open: (chunks: number) => open(chunks * CHUNK), screen };
}

const bar = (columns: number, done: number) => '■'.repeat(done) + '·'.repeat(columns - done);
const shows = (screen: EmulatedScreen, line: string) => screen.until((text) => text === line);

describe('on a terminal', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('a bar moves with what is read of a file, fits when the terminal changes, and is gone at the end', async () => {
    const { cli, open, screen } = await reading(80, 'add', ['-f', 'rows.jsonl']);
    await shows(screen, `${bar(40, 10)}   25 %  rows.jsonl: 512 rows`);
    open(2);
    await shows(screen, `${bar(40, 20)}   50 %  rows.jsonl: 1,024 rows`);
    await screen.resize(36, 10);
    await shows(screen, `${bar(16, 8)}   50 %  1,024 rows`);
    open(3);
    await shows(screen, `${bar(16, 12)}   75 %  1,536 rows`);
    await screen.resize(20, 10);
    await shows(screen, '75 %  1,536 rows');
    open(5);
    await shows(screen, 'code 0');
    expect(cli.read('file').trimEnd().split('\n')).toHaveLength(2_048);
  });

  test('of an import too', async () => {
    const { cli, open, screen } = await reading(80, 'import', ['rows.jsonl']);
    await shows(screen, `${bar(40, 10)}   25 %  rows.jsonl: 512 rows`);
    open(5);
    await shows(screen, 'code 0');
    expect(cli.read('file')).toMatch(/^row-0\nrow-1\n/);
  });

  test('of an export, when it goes to a file', async () => {
    const cli = new Cli();
    await cli.run(['add', '-'], { input: 'x\n'.repeat(4_000) });
    const open = gate(cli, 0);
    const screen = await onScreen(cli, ['export', '-o', 'out.jsonl'], 80, 'gated-turns.ts');
    await shows(screen, `${bar(40, 10)}   25 %  1,000 tasks`);
    open(2);
    await shows(screen, `${bar(40, 30)}   75 %  3,000 tasks`);
    open(9);
    await shows(screen, 'code 0');
    expect(cli.read('out.jsonl').trimEnd().split('\n')).toHaveLength(4_000);
  });

  test('nothing of it is left above what went wrong', async () => {
    const { cli, open, screen } = await reading(80, 'add', ['-f', 'rows.jsonl'], 'bad');
    await screen.until((text) => text.endsWith('512 rows'));
    open(5);
    await shows(screen, 'rows.jsonl, line 2049: this is not JSON; give one object a line\ncode 2');
    expect(cli.read('file')).toBe('');
  });
});
