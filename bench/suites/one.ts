import type { Bench } from '../harness/bench.ts';
import { ratio, type Suite } from '../harness/case.ts';
import { bullmq, journal, orch } from './cases.ts';

/** One task at a time: latency is all there is. */
export function one(bench: Bench): Suite {
  const floor = journal(bench, 5_000, 1);
  const ours = orch(bench, 10_000, 1);
  const bull = bullmq(bench, 10_000, 1);
  const through = (to: string) => ratio('tasksPerSecond', ours.name, to);
  return {
    title: 'one: one task at a time',
    cases: [floor, ours, bull],
    comparisons: [
      { name: 'orch through the floor', value: through(floor.name), atLeast: 1.1 },
      { name: 'orch through BullMQ', value: through(bull.name) },
    ],
    rounds: 7,
  };
}
