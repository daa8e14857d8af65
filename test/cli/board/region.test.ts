import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Region } from '../../../src/cli/board/region.ts';
import { cut } from '../../../src/cli/width.ts';
import { Emulator } from '../../support/emulator.ts';

const ROWS = 30;

/** A region on an emulated terminal; what is written to it shows at once. */
function regionOn(columns: number, rows = ROWS) {
  const emulator = new Emulator({ columns, rows });
  const written: string[] = [];
  const shown: Promise<void>[] = [];
  const terminal = {
    get columns() {
      return emulator.columns;
    },
    write(text: string) {
      written.push(text);
      shown.push(emulator.write(text));
    },
  };
  const settle = () => Promise.all(shown);
  return { emulator, written, settle, region: new Region(terminal) };
}

type Step = { draw: string[] } | { print: string; lines: string[] } | { columns: number; rows: number };

/** Lines of all lengths; blanks at the end of one would not show. */
const text = fc
  .array(fc.constantFrom('word', '한국어', 'ab', '日', ' ', 'é'), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  })
  .map((parts) => `${parts.join('').trim()}.`);

/** So short that no frame is higher than the screen, however narrow that becomes. */
const frame = fc.array(text, { maxLength: 4, size: 'max' });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ draw: frame }),
  fc.record({ print: text, lines: frame }),
  fc.record({ columns: fc.integer({ min: 40, max: 200 }), rows: fc.integer({ min: 24, max: ROWS }) }),
);

const allCut = (columns: number, lines: string[]): string[] => lines.map((line) => cut(line, columns));

describe('a region', () => {
  test('after any frames, lines and resizes: the screen holds the lines, below them the last frame, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 40, max: 200 }),
        fc.array(step, { maxLength: 20, size: 'max' }),
        async (start, steps) => {
          const { emulator, region, settle } = regionOn(start);
          const printed: string[] = [];
          let last: string[] = [];
          const fits = (lines: string[]) => {
            last = allCut(emulator.columns, lines);
            return last;
          };
          for (const each of steps) {
            await settle();
            if ('draw' in each) region.draw(fits(each.draw));
            else if ('print' in each) {
              printed.push(each.print);
              region.above(`${each.print}\n`, fits(each.lines));
            } else {
              emulator.resize(each.columns, each.rows);
              region.draw(fits(last));
            }
          }
          await settle();
          expect(emulator.lines).toEqual([...printed, ...last]);
          region.clear();
          await settle();
          expect(emulator.lines).toEqual(printed);
          expect(emulator.cursor.column).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('each change is one write, and what stays the same none', () => {
    const { region, written } = regionOn(80);
    region.draw(['a', 'b']);
    region.draw(['a', 'b']);
    region.above('line\n', ['a', 'c']);
    region.draw(['a', 'c']);
    expect(written).toHaveLength(2);
    for (const text of written) {
      expect(text.startsWith('\u001b[?2026h')).toBe(true);
      expect(text.endsWith('\u001b[?2026l')).toBe(true);
    }
  });

  test('nothing is erased that stays: no moment of a frame shows less than the one before', () => {
    const { region, written } = regionOn(80);
    region.draw(['a', 'b']);
    region.draw(['a', 'c']);
    expect(written[1]).toBe(
      '\u001b[?2026h\r\u001b[2A\u001b[?7la\u001b[K\r\nc\u001b[K\r\n\u001b[?7h\u001b[?2026l',
    );
  });

  test('a line that becomes shorter is erased as a whole: tmux wraps what was erased behind one as if it were there', () => {
    const { region, written } = regionOn(80);
    region.draw(['long', 'b']);
    region.draw(['a', 'b']);
    expect(written[1]).toContain('\u001b[Ka\u001b[K\r\nb\u001b[K');
  });

  test('a character that is wider than it was taken for moves nothing', async () => {
    const { emulator, region, settle } = regionOn(40);
    region.draw(['한'.repeat(21), 'b']);
    region.draw(['한'.repeat(21), 'c']);
    await settle();
    expect(emulator.rows).toHaveLength(2);
    expect(emulator.rows[1]).toBe('c');
  });

  test('of a frame that no longer fitted the screen nothing is joined to the next', async () => {
    const { emulator, region, settle } = regionOn(80, 6);
    const full = (columns: number) => ['a', 'b', 'c'].map((letter) => letter.repeat(columns));
    for (const [columns, rows] of [
      [80, 6],
      [40, 5],
      [80, 12],
    ] as const) {
      await settle();
      emulator.resize(columns, rows);
      region.draw(full(columns));
    }
    await settle();
    expect(emulator.lines.slice(-3)).toEqual(full(80));
  });

  test('another stream may show the text', async () => {
    const { emulator, region, settle } = regionOn(40);
    region.draw(['a', 'b']);
    region.around(() => void emulator.write('line\r\n'), ['a', 'b']);
    await settle();
    expect(emulator.lines).toEqual(['line', 'a', 'b']);
  });

  test('what it was drawn over by is left alone', async () => {
    const { emulator, region, settle } = regionOn(40);
    region.draw(['a', 'b']);
    await emulator.write('$ fg\r\n');
    region.forget();
    region.draw(['a', 'b']);
    await settle();
    expect(emulator.lines).toEqual(['a', 'b', '$ fg', 'a', 'b']);
  });

  test('a terminal that says it has no columns is written to without harm', async () => {
    const emulator = new Emulator({ columns: 40, rows: 10 });
    let columns = 40;
    const region = new Region({
      get columns() {
        return columns;
      },
      write: (text) => emulator.write(text),
    });
    region.draw(['a']);
    columns = 0;
    region.draw([]);
    await emulator.write('');
    expect(emulator.lines).toEqual([]);
  });
});
