import type { Bench } from '../harness/bench.ts';
import type { Suite } from '../harness/case.ts';
import { journal, journalBulk } from './cases.ts';

/** What the disk and Node allow any journal. */
export function floor(bench: Bench): Suite {
  return {
    title: 'floor: the bare journal',
    cases: [
      journal(bench, 5_000, 1),
      journal(bench, 50_000, 10),
      journal(bench, 100_000, 50),
      journalBulk(bench, 100_000),
    ],
    comparisons: [],
    rounds: 7,
  };
}
