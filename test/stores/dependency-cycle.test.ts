import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dependencyCycle } from '../../src/stores/dependency-cycle.ts';

const NODES = 6;

/** Whether the tasks can be put in an order in which each stands behind those that it comes after. */
function canBeOrdered(after: number[][]): boolean {
  const ordered = new Set<number>();
  for (let round = 0; round < after.length; round++)
    for (const [id, before] of after.entries())
      if (before.every((each) => ordered.has(each))) ordered.add(id);
  return ordered.size === after.length;
}

test('there is a circle where there is no order, and what is named is one', () => {
  const graph = fc.array(fc.uniqueArray(fc.nat({ max: NODES - 1 }), { maxLength: 2 }), {
    minLength: NODES,
    maxLength: NODES,
  });
  const property = fc.property(graph, (after) => {
    const afterOf = (id: string) => (after[Number(id)] ?? []).map(String);
    const cycle = dependencyCycle(Object.keys(after), afterOf);
    expect(cycle === undefined).toBe(canBeOrdered(after));
    for (const [i, id] of (cycle ?? []).entries())
      expect(afterOf(id)).toContain(cycle?.[i + 1] ?? cycle?.[0]);
  });
  fc.assert(property, { numRuns: 500 });
});

test('a long chain is no circle', () => {
  const ids = Array.from({ length: 100_000 }, (_, i) => String(i));
  const afterOf = (id: string) => (id === '99999' ? [] : [String(Number(id) + 1)]);
  expect(dependencyCycle(ids, afterOf)).toBeUndefined();
});
