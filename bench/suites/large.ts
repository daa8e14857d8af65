import type { Bench } from '../harness/bench.ts';
import { figure, type Suite } from '../harness/case.ts';
import { orch } from './cases.ts';

/** Memory, and a snapshot that is longer than V8's longest string. */
export function large(bench: Bench): Suite {
  const results = orch(bench, 100_000, 50, { resultBytes: 1_000, collectEarly: true });
  const million = orch(bench, 1_000_000, 50, { collectEarly: true });
  const asNode = orch(bench, 100_000, 50, { resultBytes: 1_000 });
  return {
    title: 'large: a million tasks, and large results',
    cases: [results, asNode, million],
    comparisons: [
      { name: '100,000 results of 1 kB, peak MB', value: figure('peakMb', results.name), atMost: 300 },
      { name: '1,000,000 tasks, peak MB', value: figure('peakMb', million.name), atMost: 900 },
    ],
    rounds: 3,
  };
}
