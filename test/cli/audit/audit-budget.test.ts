import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AuditBudget } from '../../../src/cli/audit/audit-budget.ts';

const never = new AbortController().signal;

test('what is set aside and spent is never more than the cap, whatever is asked for at once', async () => {
  const calls = fc.array(fc.record({ usd: fc.integer({ min: 1, max: 5 }), cost: fc.nat({ max: 5 }) }));
  await fc.assert(
    fc.asyncProperty(calls, fc.integer({ min: 1, max: 20 }), async (all, cap) => {
      const budget = new AuditBudget(cap);
      let [aside, spent, refused] = [0, 0, 0];
      await Promise.all(
        all.map(async ({ usd, cost }) => {
          const answer = await budget.reserve(usd, never);
          if (answer.refused !== undefined) {
            refused++;
            // Nothing can come back, and it does not fit.
            expect(spent + aside + usd).toBeGreaterThan(cap);
            return;
          }
          aside += usd;
          expect(spent + aside).toBeLessThanOrEqual(cap);
          await Promise.resolve();
          aside -= usd;
          spent += Math.min(cost, usd);
          await answer.settle(Math.min(cost, usd));
        }),
      );
      expect(spent).toBeLessThanOrEqual(cap);
      if (all.reduce((sum, { usd }) => sum + usd, 0) <= cap) expect(refused).toBe(0);
    }),
  );
});

test('a call whose price is not known is refused, and one whose cost is not costs what was set aside', async () => {
  const budget = new AuditBudget(3);
  expect(await budget.reserve(undefined, never)).toMatchObject({ refused: expect.any(String) });
  const answer = await budget.reserve(2, never);
  if (answer.refused === undefined) await answer.settle(undefined);
  expect(await budget.reserve(2, never)).toMatchObject({
    refused:
      'the judge was not asked: $2.00 of $3.00 spent, and a call may cost $2.00; give a higher --max-cost',
    kind: 'transient',
  });
});

test('who waits for money goes when the audit ends', async () => {
  const budget = new AuditBudget(3);
  await budget.reserve(2, never);
  const ending = new AbortController();
  const answer = budget.reserve(2, ending.signal);
  ending.abort();
  expect(await answer).toMatchObject({ refused: expect.any(String) });
});
