import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shares, stateBar } from '../../src/cli/state-bar.ts';
import { paint } from '../../src/cli/terminal.ts';

const counts = (completed: number, failed: number, in_progress: number, pending: number) => ({
  completed,
  failed,
  in_progress,
  pending,
  blocked: 0,
  total: completed + failed + in_progress + pending,
});

test('each state has its own symbol, what is over first', async () => {
  const plain = await paint(false);
  expect(stateBar(counts(4, 1, 1, 2), 8, plain)).toBe('✓✓✓✓✗▶··');
  expect(stateBar(counts(0, 0, 0, 3), 5, plain)).toBe('·····');
  expect(stateBar(counts(0, 0, 0, 0), 5, plain)).toBe('');
});

test('colour only helps', async () => {
  const coloured = stateBar(counts(1, 1, 1, 1), 4, await paint(true));
  expect(coloured).toBe(
    '\u001b[32m✓\u001b[39m\u001b[31m✗\u001b[39m\u001b[36m▶\u001b[39m\u001b[2m·\u001b[22m',
  );
});

test('a small share does not vanish, and takes its column from the largest', () => {
  expect(shares([100_000, 1, 1, 1], 40)).toEqual([37, 1, 1, 1]);
  expect(shares([1, 1, 1, 0], 10).sort()).toEqual([0, 3, 3, 4]);
});

test('any amounts fill any width exactly, each with a column, none far from its due', () => {
  const amounts = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(amounts, fc.integer({ min: 4, max: 200 }), (given, width) => {
      const total = given.reduce((a, b) => a + b, 0);
      const found = shares(given, width);
      expect(found.reduce((a, b) => a + b, 0)).toBe(total === 0 ? 0 : width);
      for (const [i, amount] of given.entries()) {
        expect(found[i]! > 0).toBe(amount > 0);
        // One column for rounding, and one for each other that was too small for its own.
        if (total > 0)
          expect(Math.abs(found[i]! - (amount / total) * width)).toBeLessThanOrEqual(given.length);
      }
    }),
  );
});
