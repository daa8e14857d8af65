import { expect, test } from 'vitest';
import { reportText } from '../../../src/cli/reports/report-text.ts';
import { TEST_KEY, useClaudeEnvironment } from '../../support/claude-setup.ts';

useClaudeEnvironment();

test('is cut to so many bytes, and never within a character', () => {
  expect(reportText('abc', 3)).toBe('abc');
  expect(reportText('abcd', 3)).toBe('abc… (cut)');
  expect(reportText('ééé', 6)).toBe('ééé');
  expect(reportText('éééé', 5)).toBe('éé… (cut)');
});

test('has no escape sequences and no lone surrogates', () => {
  expect(reportText('\u001b[31mred\u001b[0m\r\nnext\ud800', 100)).toBe('red\nnext\ufffd');
});

test('has no credential, nor a part of one where it is cut', () => {
  expect(reportText(`x ${TEST_KEY}`, 100)).toBe('x [redacted]');
  const cut = reportText(`${'x'.repeat(90)}${TEST_KEY}${'y'.repeat(1000)}`, 95);
  expect(cut).toBe(`${'x'.repeat(90)}[reda… (cut)`);
});
