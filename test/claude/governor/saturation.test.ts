import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SimulatedOutcome, type SimulatedRunOptions, simulateRun } from './simulated-run.ts';

/**
 * A run at concurrency 64 that is told nothing, in virtual time, against an API that keeps the documented limits. `used` is the
 * part of the limit that was let through; what a run cannot reach because it is still under way at the end counts as reached.
 */

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const OVERLOADED = 0.01;
const slow = { requests: { perMinute: 600, burst: 10 }, latencyMs: 1500, overloaded: OVERLOADED };
const fast = { requests: { perMinute: 6000, burst: 100 }, latencyMs: 150, overloaded: OVERLOADED };
const ample = { perMinute: 6000, burst: 1000 };
const tokens = { perMinute: 400_000, burst: 66_000 };

async function outcomes(options: Omit<SimulatedRunOptions, 'seed' | 'windowMs'>, seconds = 30) {
  const all: SimulatedOutcome[] = [];
  for (const seed of SEEDS) all.push(await simulateRun({ ...options, seed, windowMs: seconds * 1000 }));
  const used = all.map((outcome) => outcome.used).sort((a, b) => a - b);
  const refused = all.map((outcome) => outcome.refused).sort((a, b) => a - b);
  return { used: used[4]!, leastUsed: used[0]!, refused: refused[4]!, mostRefused: refused[8]! };
}

test.each([
  ['600 a minute at 1.5 s, 10 at once', slow],
  ['6,000 a minute at 150 ms, 100 at once', fast],
  ['the same where calls are up to 20 ms on their way', { ...fast, jitterMs: 20 }],
])('uses a limit of %s', async (_, options) => {
  const { used, leastUsed, mostRefused } = await outcomes(options);
  expect(used).toBeGreaterThan(0.98);
  expect(leastUsed).toBeGreaterThan(0.97);
  expect(mostRefused).toBeLessThan(0.01);
});

describe.each([
  ['600 a minute', slow],
  ['6,000 a minute', fast],
])('%s', (_, options) => {
  test.each([
    ['two runs that join at the same moment', [0, 0]],
    ['two that start together', [0, 40]],
    ['two, one of them a second later', [0, 900]],
    ['two, one of them in the midst of it', [0, 15_000]],
    ['three that start together', [0, 40, 90]],
  ])('is shared by %s', async (_name, joins) => {
    const { used, leastUsed, refused, mostRefused } = await outcomes({ ...options, joins });
    expect(used).toBeGreaterThan(0.98);
    expect(leastUsed).toBeGreaterThan(0.96);
    expect(refused).toBeLessThan(0.004);
    expect(mostRefused).toBeLessThan(0.01);
  });
});

test('a run takes up what another leaves unused', async () => {
  const { used, mostRefused } = await outcomes({ ...slow, share: 2 }, 60);
  expect(used).toBeGreaterThan(0.9);
  expect(mostRefused).toBeLessThan(0.01);
});

test.each([
  ['input', { requests: ample, inputTokens: tokens, latencyMs: 1500, overloaded: OVERLOADED }],
  ['output', { requests: ample, outputTokens: tokens, latencyMs: 1500, overloaded: OVERLOADED }],
])('uses a limit of %s tokens, alone or as one of two runs', async (_, options) => {
  const { used, leastUsed, refused } = await outcomes(options);
  expect(used).toBeGreaterThan(0.97);
  expect(leastUsed).toBeGreaterThan(0.95);
  expect(refused).toBeLessThan(0.01);
  const shared = await outcomes({ ...options, joins: [0, 40] });
  expect(shared.used).toBeGreaterThan(0.97);
  expect(shared.leastUsed).toBeGreaterThan(0.95);
  expect(shared.refused).toBeLessThan(0.01);
});

test.each([
  ['600 a minute', slow],
  ['6,000 a minute', fast],
])('leaves to others who use half of %s what they use, with few refusals', async (_, options) => {
  const half = options.requests.perMinute / 2;
  const { used, refused } = await outcomes({ ...options, foreignPerMinute: half }, 60);
  expect(used).toBeGreaterThan(0.45);
  expect(refused).toBeLessThan(0.04);
});

test('an API that is overloaded half of the time gets few calls at once, and all are served after it', async () => {
  const { api, governors } = await simulateRun({ ...fast, overloaded: 0.5, seed: 1, windowMs: 30_000 });
  expect(api.answers[429]).toBe(0);
  expect(governors[0]?.state()[0]?.inFlight).toBeLessThan(16);
});

test('uses any limit that can be met, whatever it is, and is refused hardly more than it must be to learn of it', async () => {
  const options = fc.record({
    seed: fc.integer(),
    perMinute: fc.integer({ min: 30, max: 6000 }),
    burst: fc.integer({ min: 8, max: 600 }),
    latencyMs: fc.integer({ min: 50, max: 500 }),
    jitterMs: fc.integer({ min: 1, max: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(options, async ({ perMinute, burst, ...rest }) => {
      const requests = { perMinute, burst: Math.min(burst, perMinute) };
      const { used, api } = await simulateRun({
        ...rest,
        requests,
        overloaded: OVERLOADED,
        windowMs: 30_000,
      });
      const { answers } = api;
      expect(used).toBeGreaterThan(0.85);
      expect(answers[429]).toBeLessThanOrEqual(8 + (answers[200] + answers[529]) / 50);
    }),
    { numRuns: 25 },
  );
});
