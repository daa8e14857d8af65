import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TransitMap } from '../../src/model/transit-map.ts';

test('it holds what a map would, whatever passes through', () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 300 }).map(String),
    value: fc.option(fc.boolean()),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 2_000 }), (steps) => {
      const [transit, map] = [new TransitMap<boolean>(), new Map<string, boolean>()];
      for (const { key, value } of steps) {
        if (value === null) expect(transit.delete(key)).toBe(map.delete(key));
        else {
          transit.set(key, value);
          map.set(key, value);
        }
        expect([transit.get(key), transit.has(key), transit.size]).toEqual([
          map.get(key),
          map.has(key),
          map.size,
        ]);
      }
      expect(new Set(transit.keys())).toEqual(new Set(map.keys()));
      expect([...transit.values()].sort()).toEqual([...map.values()].sort());
      const visited: boolean[] = [];
      transit.forEach((value) => void visited.push(value));
      expect(visited).toEqual([...transit.values()]);
    }),
    { numRuns: 50 },
  );
});
