import type { Bench } from '../harness/bench.ts';
import { type Case, NotMeasured, ratio, type Suite } from '../harness/case.ts';
import { CpuShares } from '../harness/cpu-share.ts';
import { PG_USER } from '../peers/postgres.ts';

/**
 * Of a core, for each process of the cases that ask what another machine adds: three of them and their server find room on two cores, as machines
 * of their own would.
 */
const SHARE = 0.1;

/** One store on Postgres beside pg-boss' own fetch and complete, with batches of the same size and one connection to work with. */
export function postgres(bench: Bench): Suite {
  const n = 20_000;
  const batch = 50;
  const server = async () => `postgres://${PG_USER}@127.0.0.1:${(await bench.postgres()).port}/postgres`;
  const boss: Case = {
    name: `pg-boss, fetch and complete ${batch} at a time`,
    measure: async () => bench.runPeer('pg-boss.mjs', { url: await server(), n: bench.size(n), batch }),
  };
  const orch = (processes: number, cpuShare?: number): Case => ({
    name: `orch on Postgres, concurrency ${batch}, processes: ${processes}${cpuShare ? `, each with ${cpuShare} of a core` : ''}`,
    measure: async () => {
      if (cpuShare && !CpuShares.areThere())
        throw new NotMeasured('control groups cannot be made here (Linux, root)');
      const options = { n: bench.size(n), concurrency: batch, processes, cpuShare };
      return bench.run('orch-postgres.mjs', { url: await server(), ...options });
    },
  });
  const [one, two, three] = [orch(1), orch(2), orch(3)];
  const [small, twoSmall, threeSmall] = [orch(1, SHARE), orch(2, SHARE), orch(3, SHARE)];
  const through = (of: Case, to: Case) => ratio('tasksPerSecond', of.name, to.name);
  return {
    title: 'postgres: no-op tasks on Postgres, fifty at once',
    cases: [boss, one, two, three, small, twoSmall, threeSmall],
    comparisons: [
      { name: 'orch through pg-boss', value: through(one, boss), atLeast: 0.8 },
      { name: 'two processes through one', value: through(two, one), atLeast: 1 },
      { name: 'three processes through two', value: through(three, two), atLeast: 1 },
      { name: 'three processes through one', value: through(three, one), atLeast: 1 },
      { name: 'two small machines through one', value: through(twoSmall, small), atLeast: 1 },
      { name: 'three small machines through two', value: through(threeSmall, twoSmall), atLeast: 1 },
    ],
    rounds: 5,
  };
}
