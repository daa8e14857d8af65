import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dice } from '../../../src/cli/selftest/dice.ts';

test('the same seed makes the same choices, another one others', () => {
  const choices = (seed: number): number[] => {
    const dice = new Dice(seed);
    return Array.from({ length: 20 }, () => dice.between(0, 1_000_000));
  };
  expect(choices(7)).toEqual(choices(7));
  expect(choices(7)).not.toEqual(choices(8));
});

test('a choice is one of those there are, and each comes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.integer(), fc.nat(50), (seed, least, range) => {
      const chosen = new Dice(seed).between(least, least + range);
      expect(chosen).toBeGreaterThanOrEqual(least);
      expect(chosen).toBeLessThanOrEqual(least + range);
    }),
  );
  const dice = new Dice(1);
  const picked = new Set(Array.from({ length: 100 }, () => dice.pick(['a', 'b', 'c'])));
  expect(picked).toEqual(new Set(['a', 'b', 'c']));
});

test('shuffling keeps what there is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.array(fc.nat()), (seed, values) => {
      expect(new Dice(seed).shuffled(values).sort()).toEqual([...values].sort());
    }),
  );
});

test('nothing cannot be chosen from', () => {
  expect(() => new Dice(1).pick([])).toThrow('nothing to choose from');
});
