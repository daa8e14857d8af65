import type { Bench } from '../harness/bench.ts';
import { type Case, type Comparison, figure, type Suite } from '../harness/case.ts';
import { type Limit, orchUnder, parallelUnder, pQueueUnder } from './limit-cases.ts';

const SHORT = { characters: 200, meanOutput: 50 };

const SLOW: Limit = {
  name: '600/min at 1.5 s',
  of: 'requests',
  perMinute: 600,
  burst: 10,
  latencyMs: 1500,
  ...SHORT,
};
const FAST: Limit = {
  name: '6,000/min at 150 ms',
  of: 'requests',
  perMinute: 6000,
  burst: 100,
  latencyMs: 150,
  ...SHORT,
};
const TOKENS = { perMinute: 600_000, burst: 100_000, latencyMs: 1500, characters: 4000, meanOutput: 1000 };
const INPUT: Limit = { name: '600,000 input tokens/min', of: 'inputTokens', ...TOKENS };
const OUTPUT: Limit = { name: '600,000 output tokens/min', of: 'outputTokens', ...TOKENS };

/** A rate-limited API: how much of the limit is used, what is refused, and what is given up. */
export function limit(bench: Bench): Suite {
  const alone = [SLOW, FAST, INPUT, OUTPUT].map((each) => orchUnder(bench, each));
  const shared = [SLOW, FAST].map((each) => orchUnder(bench, each, 2));
  const peers = [SLOW, FAST].flatMap((each) => [
    pQueueUnder(bench, each, 'concurrency 8', { concurrency: 8 }),
    pQueueUnder(bench, each, 'concurrency 50', { concurrency: 50 }),
    pQueueUnder(bench, each, 'told the rate, smooth', { interval: 100, intervalCap: each.perMinute / 600 }),
    parallelUnder(bench, each),
  ]);
  const tokenPeers = [INPUT, OUTPUT].map((each) =>
    pQueueUnder(bench, each, 'concurrency 50', { concurrency: 50 }),
  );
  return {
    title: 'limit: a rate-limited API',
    cases: [...alone, ...shared, ...peers, ...tokenPeers],
    comparisons: [
      ...alone.slice(0, 2).map((each) => reached(each, 0.98)),
      ...alone.slice(2).map((each) => reached(each, 0.95)),
      ...shared.map((each) => reached(each, 0.97)),
      ...[...alone, ...shared].flatMap(clean),
    ],
    rounds: 5,
  };
}

function reached({ name }: Case, atLeast: number): Comparison {
  return { name: `${name}: of what is reachable`, value: figure('reached', name), atLeast };
}

function clean({ name }: Case): Comparison[] {
  return [
    { name: `${name}: part that is refused`, value: figure('refusedShare', name), atMost: 0.01 },
    { name: `${name}: lost`, value: figure('lost', name), atMost: 0 },
  ];
}
