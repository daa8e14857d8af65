import { expect, test } from 'vitest';
import { Ledger, type LedgerRecord } from '../../src/stores/ledger.ts';

test('an amount that JSON could not hold is not known, and not 0', () => {
  for (const op of ['reserve', 'spend'] as const) {
    const ledger = new Ledger();
    // As JSON has an infinite one.
    ledger.apply({ op, run: 'a', call: '1', usd: null } as unknown as LedgerRecord);
    expect(ledger.pool(() => true, [5])).toEqual({ spentUsd: 0, reservedUsd: 0, capUsd: 5, unpriced: true });
  }
});

test('a sum stays what JSON can hold', () => {
  const ledger = new Ledger();
  for (const call of ['1', '2']) ledger.apply({ op: 'spend', run: 'a', call, usd: Number.MAX_VALUE });
  expect(ledger.entries()).toEqual({ a: { spent: Number.MAX_VALUE } });
});

test('a pool that has closed keeps no more than runs that are still asked about', () => {
  const ledger = new Ledger();
  for (const run of ['a', 'b']) ledger.apply({ op: 'spend', run, call: '1', usd: 1 });
  ledger.clear((run) => run === 'a');
  expect(ledger.entries()).toEqual({ a: { spent: 1 } });
});
