import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { circleText, findCircle } from '../../src/model/circle.ts';

type Graph = Record<string, string[]>;
const found = (graph: Graph, starts = Object.keys(graph)) => findCircle(starts, (id) => graph[id] ?? []);

/** Some edges between eight nodes. */
const graphs = fc
  .array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 14 })
  .map((edges) => edges.map(([from, to]) => [`n${from}`, `n${to}`] as const))
  .map((edges): Graph => {
    const graph: Graph = {};
    for (const [from, to] of edges) graph[from] = [...(graph[from] ?? []), to];
    return graph;
  });

/** Whether all can be put in an order: what waits for nothing is taken away again and again. */
function hasOrder(graph: Graph): boolean {
  const left = new Map(Object.entries(graph));
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [id, next] of left) if (next.every((other) => !left.has(other))) left.delete(id);
  }
  return left.size === 0;
}

describe('a circle', () => {
  test('is found where there is one, and is one', () => {
    expect(found({ a: ['b'], b: ['c'], c: ['b'] })).toEqual(['b', 'c']);
    expect(found({ a: ['a'] })).toEqual(['a']);
    expect(found({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] })).toBeUndefined();
    expect(found({ a: ['gone'] })).toBeUndefined();
  });

  test('is found exactly where there is no order, and each step of it is an edge', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const circle = found(graph);
        expect(circle === undefined).toBe(hasOrder(graph));
        circle?.forEach((id, i) => {
          expect(graph[id]).toContain(circle[(i + 1) % circle.length]);
        });
        expect(new Set(circle).size).toBe(circle?.length ?? 0);
      }),
    );
  });

  test('is found at the end of a way of any length', () => {
    const next = (id: string) => [`${Math.min(Number(id) + 1, 100_000)}`];
    expect(findCircle(['0'], next)).toEqual(['100000']);
  });

  test('is said with its first again at the end, and shortened', () => {
    expect(circleText(['a', 'b'])).toBe('a -> b -> a');
    const long = circleText(Array.from({ length: 30 }, (_, i) => `t${i}`));
    expect(long).toBe('t0 -> t1 -> t2 -> t3 -> t4 -> t5 -> t6 -> t7 -> t8 -> ... -> t29 -> t0');
  });
});
