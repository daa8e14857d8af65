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

test('a pool that has closed keeps no more than what claims are still asked about, and counts none of it', () => {
  const ledger = new Ledger();
  for (const run of ['a', 'b']) ledger.apply({ op: 'spend', run, call: '1', usd: 1 });
  ledger.apply({ op: 'reserve', run: 'a', call: '2', task: 'T', usd: 2 });
  ledger.close();
  expect(Object.keys(ledger.entries())).toEqual(['a']);
  expect(ledger.possible('a', 'T')).toMatchObject({ possibleUsd: 2 });
  const all = () => true;
  expect([ledger.isOpen(all), ledger.has('a'), ledger.reserved()]).toEqual([false, false, []]);
  expect(ledger.pool(all, [])).toEqual({ spentUsd: 0, reservedUsd: 0 });
  ledger.accounted({ op: 'settle', id: 'T' });
  expect(ledger.entries()).toEqual({});
});

test('tasks and calls may have any names', () => {
  const ledger = new Ledger();
  expect(ledger.possible('a', 'toString')).toBeUndefined();
  for (const task of ['toString', '__proto__']) {
    ledger.apply({ op: 'reserve', run: 'a', call: task, task, usd: 1 });
    ledger.apply({ op: 'spend', run: 'a', call: task, usd: 1 });
    expect(ledger.possible('a', task)).toMatchObject({ possibleUsd: 1 });
  }
});

test('what was restored is its own', () => {
  const ledger = new Ledger();
  ledger.apply({ op: 'reserve', run: 'a', call: '1', task: 'T', usd: 1 });
  const copy = new Ledger();
  copy.restore(ledger.entries());
  copy.accounted({ op: 'settle', id: 'T' });
  expect(ledger.possible('a', 'T')).toMatchObject({ possibleUsd: 1 });
});
