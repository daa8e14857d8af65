import type { Bench } from '../harness/bench.ts';
import { figure, ratio, type Suite } from '../harness/case.ts';
import { bullmq, graphile, journal, orch } from './cases.ts';

/** Fifty tasks in hand at once, beside the peers at their best setting. */
export function fifty(bench: Bench): Suite {
  const n = 100_000;
  const floor = journal(bench, n, 50);
  const ours = orch(bench, n, 50);
  const bull = bullmq(bench, n, 50);
  const graph = graphile(bench, n, 10);
  const through = (to: string) => ratio('tasksPerSecond', ours.name, to);
  return {
    title: 'fifty: fifty tasks at once',
    cases: [floor, ours, bull, graph],
    comparisons: [
      { name: 'orch, tasks/s', value: figure('tasksPerSecond', ours.name), atLeast: 30_000 },
      { name: 'orch through BullMQ', value: through(bull.name), atLeast: 1 },
      { name: 'orch through graphile-worker', value: through(graph.name), atLeast: 1 },
      { name: 'orch through the floor', value: through(floor.name) },
    ],
    rounds: 5,
  };
}
