import type { Bench } from '../harness/bench.ts';
import { type Case, ratio, type Suite } from '../harness/case.ts';

/** Several processes that run one store. */
export function processes(bench: Bench): Suite {
  const runs = (count: number): Case => ({
    name: `orch, concurrency 50, processes: ${count}`,
    measure: () =>
      bench.run('orch-shared.mjs', { n: bench.size(100_000), concurrency: 50, processes: count }),
  });
  const [one, two, four] = [runs(1), runs(2), runs(4)];
  return {
    title: 'processes: several runs on one store',
    cases: [one, two, four],
    comparisons: [two, four].map(({ name }) => ({
      name: `${name}, through one`,
      value: ratio('tasksPerSecond', name, one.name),
    })),
    rounds: 3,
  };
}
