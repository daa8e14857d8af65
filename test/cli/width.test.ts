import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, graphemesOf, padded, rowsOf, width } from '../../src/cli/width.ts';
import { Emulator, WIDTHS } from '../support/emulator.ts';

describe('a text takes as many columns as some terminal gives it', () => {
  test.each([
    ['plain', 5],
    ['日本', 4],
    ['e\u0301', 1],
    ['✅', 2],
    ['❤️', 2],
    ['⚠️', 2],
    ['1️⃣', 3],
    ['🇩🇪', 4],
    ['👍🏽', 4],
    ['👨‍👩‍👧', 8],
    ['a\u200bb', 3],
  ])('%j', (text, columns) => expect(width(text)).toBe(columns));

  test.each(WIDTHS)('by tables %s, of all that these hold', async (widths) => {
    const emulator = new Emulator({ columns: 10, rows: 2, widths });
    const ranges = [
      [0xa0, 0xff],
      [0x300, 0x30f],
      [0x2010, 0x2027],
      [0x2300, 0x23ff],
      [0x2600, 0x27bf],
      [0x1f1e6, 0x1f1ff],
      [0x1f300, 0x1f5ff],
    ] as const;
    const narrow: string[] = [];
    for (const [first, last] of ranges) {
      for (let code = first; code <= last; code++) {
        const character = String.fromCodePoint(code);
        await emulator.write(`\r\u001b[K${character}`);
        if (emulator.cursor.column > width(character)) narrow.push(code.toString(16));
      }
    }
    expect(narrow).toEqual([]);
  });

  test('one that is plain is measured as it would be where it is taken apart', () => {
    for (let code = 0x20; code <= 0x2fff; code++) {
      const text = `a${String.fromCharCode(code)}`;
      // Beside a wide character, a text is taken apart.
      const apart = [...graphemesOf(`漢${text}`)].slice(1);
      expect([code, 2 + width(text), [...graphemesOf(text)]]).toEqual([code, width(`漢${text}`), apart]);
    }
  });
});

test('what is cut keeps its characters whole', () => {
  expect(cut('日本語', 5)).toBe('日本…');
  expect(cut('日本語', 4)).toBe('日…');
  expect(cut('👨‍👩‍👧 family', 8)).toBe('…');
  expect(cut('👨‍👩‍👧 family', 10)).toBe('👨‍👩‍👧…');
  expect(cut('cafe\u0301s here', 6)).toBe('cafe\u0301s…');
  expect(cut('abc', 0)).toBe('');
  expect(padded('日', 4)).toBe('日  ');
});

test('what is cut fits', () => {
  const text = fc.array(
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('❤️', '👨‍👩‍👧', '1️⃣', '漢', 'a')),
  );
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 40 }), (parts, columns) => {
      const whole = parts.join('');
      const kept = cut(whole, columns);
      expect(width(kept)).toBeLessThanOrEqual(columns);
      if (kept !== whole) expect(width(whole)).toBeGreaterThan(columns);
    }),
  );
});

test('a line has no more rows than a terminal that joins characters gives it', () => {
  expect(rowsOf('', 10)).toBe(1);
  expect(rowsOf(`\u001b[32m${'a'.repeat(10)}\u001b[39m`, 10)).toBe(1);
  expect(rowsOf('a'.repeat(11), 10)).toBe(2);
  expect(rowsOf('漢'.repeat(5), 9)).toBe(2);
  expect(rowsOf('👨‍👩‍👧'.repeat(5), 10)).toBe(1);
});

test('tables are loaded for what is not plain alone', () => {
  const script = `
    const { width } = await import(${JSON.stringify(new URL('../../src/cli/width.ts', import.meta.url).href)});
    const { registerHooks } = await import('node:module');
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    width('✓ task-001  größer – “naïve” ¿qué? да…');
    console.log(loaded.length === 0, (width('漢'), loaded.length > 0));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toBe('true true\n');
});
