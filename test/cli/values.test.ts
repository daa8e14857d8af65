import { describe, expect, test } from 'vitest';
import { firstLine, oneLine, safeText, written } from '../../src/cli/safe-text.ts';
import { isInteractive, wantsColour } from '../../src/cli/terminal.ts';
import { parseDuration } from '../../src/cli/values.ts';

describe('parseDuration', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0s', 0],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(['', '5', 's', '5 m', '-5m', '1.5h', '30m1h', '5m5m', '5M', '1h30', '99999999999999999d'])(
    '%j is none',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('text from tasks', () => {
  test('loses escape sequences, control characters and turned directions', () => {
    const nasty = 'a\u001b[31mb\u001b]0;title\u0007c\u009b31m\u0000d\u202ee\rf\r\ng\th';
    expect(safeText(nasty)).toBe('abcde\nf\ng\th');
    expect(safeText('\u001b')).toBe('');
  });

  test('is folded into one line and cut to the width', () => {
    expect(oneLine('  a\n\n b\tc  ')).toBe('a b c');
    expect(oneLine('abcdef', 4)).toBe('abc…');
    expect(oneLine('abcd', 4)).toBe('abcd');
    expect(oneLine(`${'\u001b[31m'.repeat(3)}abcdef`, 4)).toBe('abc…');
    expect(firstLine('\n one\r\ntwo')).toBe('one');
  });
});

describe('what a terminal is taken for', () => {
  const terminal = { isTTY: true, columns: 80 };
  test('a CI job or a dumb terminal is none', () => {
    expect(isInteractive(terminal, { TERM: 'xterm' })).toBe(true);
    expect(isInteractive(terminal, { CI: 'true' })).toBe(false);
    expect(isInteractive(terminal, { TERM: 'dumb' })).toBe(false);
    expect(isInteractive({}, {})).toBe(false);
  });

  test('a non-empty NO_COLOR wins over FORCE_COLOR, both over the terminal', () => {
    expect(wantsColour(terminal, {})).toBe(true);
    expect(wantsColour(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
    expect(wantsColour(terminal, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour(terminal, { FORCE_COLOR: '0' })).toBe(false);
    expect(wantsColour({}, { FORCE_COLOR: '1' })).toBe(true);
  });
});

test.each([
  ['grep -q "ok"', 'grep -q "ok"'],
  ['npm test # all\n rm -rf x\r\t', 'npm test # all\\n rm -rf x\\r\\t'],
  ['true \u001b]0;./evil\u0007 || true', 'true \\u{1b}]0;./evil\\u{7} || true'],
  ['a\u202eb\u200bc\u00a0d\u2028e', 'a\\u{202e}b\\u{200b}c\\u{a0}d\\u{2028}e'],
  ['日本 🙂 é', '日本 🙂 é'],
])('written out, nothing of %j is hidden', (text, shown) => {
  expect(written(text)).toBe(shown);
});
