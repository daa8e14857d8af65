import type { Bench } from '../harness/bench.ts';
import { type Case, ratio, type Suite } from '../harness/case.ts';
import { PG_USER } from '../peers/postgres.ts';

/** One store on Postgres beside pg-boss' own fetch and complete, with batches of the same size and one connection to work with. */
export function postgres(bench: Bench): Suite {
  const n = 20_000;
  const batch = 50;
  const server = async () => `postgres://${PG_USER}@127.0.0.1:${(await bench.postgres()).port}/postgres`;
  const boss: Case = {
    name: `pg-boss, fetch and complete ${batch} at a time`,
    measure: async () => bench.runPeer('pg-boss.mjs', { url: await server(), n: bench.size(n), batch }),
  };
  const orch = (processes: number): Case => ({
    name: `orch on Postgres, concurrency ${batch}, processes: ${processes}`,
    measure: async () =>
      bench.run('orch-postgres.mjs', {
        url: await server(),
        n: bench.size(n),
        concurrency: batch,
        processes,
      }),
  });
  const [one, two, three] = [orch(1), orch(2), orch(3)];
  const through = (of: Case, to: Case) => ratio('tasksPerSecond', of.name, to.name);
  return {
    title: 'postgres: no-op tasks on Postgres, fifty at once',
    cases: [boss, one, two, three],
    comparisons: [
      { name: 'orch through pg-boss', value: through(one, boss), atLeast: 0.8 },
      { name: 'two processes through one', value: through(two, one), atLeast: 1 },
      { name: 'three processes through two', value: through(three, two), atLeast: 1 },
      { name: 'three processes through one', value: through(three, one), atLeast: 1 },
    ],
    rounds: 5,
  };
}
