import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberList } from '../../src/model/number-list.ts';

test('it gives back what it was given, through all of its pieces, and nothing behind its end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), fc.double({ noNaN: true }), (length, step) => {
      const list = new NumberList();
      for (let i = 0; i < length; i++) list.push(i * step);
      expect(list.length).toBe(length);
      for (const i of [0, 1, 16_383, 16_384, 32_768, length - 1])
        expect(list.at(i)).toBe(i >= 0 && i < length ? i * step : undefined);
      expect([list.at(length), list.at(-1)]).toEqual([undefined, undefined]);
    }),
    { numRuns: 20 },
  );
});
