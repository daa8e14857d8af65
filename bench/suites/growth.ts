import type { Bench } from '../harness/bench.ts';
import { ratio, type Suite } from '../harness/case.ts';
import { orch } from './cases.ts';

/** Whether a task costs more the more there are. */
export function growth(bench: Bench): Suite {
  const sizes = [1_000, 10_000, 100_000];
  const series = [1, 50].map((concurrency) => ({
    concurrency,
    cases: sizes.map((n) => orch(bench, n, concurrency)),
  }));
  return {
    title: 'growth: time per task as the store grows',
    cases: series.flatMap(({ cases }) => cases),
    comparisons: series.map(({ concurrency, cases }) => ({
      name: `time per task at 100,000 through that at 1,000, concurrency ${concurrency}`,
      value: ratio('tasksPerSecond', cases.at(0)?.name ?? '', cases.at(-1)?.name ?? ''),
      atMost: 1.2,
    })),
    rounds: 3,
  };
}
