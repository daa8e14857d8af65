import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dice } from '../../../src/cli/selftest/dice.ts';
import { ACKNOWLEDGED } from '../../../src/cli/selftest/job.ts';
import { type Blow, planBlows } from '../../../src/cli/selftest/plan.ts';
import { FAULT_POINTS } from '../../../src/stores/json/disk/fault-points.ts';

const DISK = { moments: FAULT_POINTS, mishap: 'power' } as const;
const DATABASE = { moments: ACKNOWLEDGED, mishap: 'disconnect' } as const;

const planned = (kills: number, seed = 1, on: Parameters<typeof planBlows>[2] = DISK): Blow[] =>
  planBlows(kills, new Dice(seed), on).flat();

test('there are as many kills as asked for, and a stall and a power cut at least', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), fc.nat(), (kills, seed) => {
      const count = (...types: string[]) =>
        planned(kills, seed).filter(({ type }) => types.includes(type)).length;
      expect(count('point', 'instant')).toBe(kills);
      expect(count('stall')).toBe(Math.ceil(kills / 10));
      expect(count('power')).toBe(Math.ceil(kills / 5));
    }),
  );
});

test('50 kills come at every point of a write alike, and at random instants', () => {
  const blows = planned(50);
  for (const point of FAULT_POINTS) {
    const times = blows.filter((blow) => blow.type === 'point' && blow.point === point).length;
    expect([3, 4]).toContain(times);
  }
  expect(blows.filter(({ type }) => type === 'instant')).toHaveLength(16);
});

test('the power is cut after each kind of acknowledgement, with all lost and with some', () => {
  const cuts = planned(40).flatMap((blow) => (blow.type === 'power' ? [`${blow.at} ${blow.cut}`] : []));
  expect(new Set(cuts).size).toBe(8);
});

test('in a database kills come after each kind of acknowledgement, and connections are cut', () => {
  const blows = planned(30, 1, DATABASE);
  const points = blows.flatMap((blow) => (blow.type === 'point' ? [blow.point] : []));
  expect(new Set(points)).toEqual(new Set(ACKNOWLEDGED));
  expect(blows.filter(({ type }) => type === 'disconnect')).toHaveLength(6);
  expect(blows.filter(({ type }) => type === 'power')).toEqual([]);
});

test('the first of the few stalls of a short one is in a verification', () => {
  expect(planned(1)).toContainEqual({ type: 'stall', in: 'verification' });
  expect(planned(11)).toContainEqual({ type: 'stall', in: 'execution' });
});

test('a seed says what comes, and a store does not grow without end', () => {
  expect(planned(100, 5)).toEqual(planned(100, 5));
  expect(planned(100, 5)).not.toEqual(planned(100, 6));
  const rounds = planBlows(500, new Dice(1), DISK).map((blows) => blows.length);
  expect(Math.max(...rounds)).toBeLessThanOrEqual(20);
  expect(Math.min(...rounds)).toBeGreaterThan(10);
});
