import type { Bench } from '../harness/bench.ts';
import { type Case, ratio, type Suite } from '../harness/case.ts';
import { PG_USER } from '../peers/postgres.ts';

/** What grows with tasks, runners and runs on one Postgres: the figures that docs/scale.md reckons with. */
export function scale(bench: Bench): Suite {
  const server = async () => `postgres://${PG_USER}@127.0.0.1:${(await bench.postgres()).port}/postgres`;
  const waiting = (n: number): Case => ({
    name: `${n.toLocaleString('en-US')} tasks wait`,
    measure: async () =>
      bench.run('postgres-scale.mjs', { url: await server(), n: bench.size(n), batches: 40 }),
  });
  const more = (n: number): Case => ({
    name: `${n.toLocaleString('en-US')} tasks, put in by SQL`,
    measure: async () =>
      bench.run('postgres-many.mjs', { url: await server(), n: bench.size(n), batches: 40 }),
  });
  const runners = (count: number): Case => ({
    name: `connections of ${count} idle runners`,
    measure: async () => bench.run('postgres-connections.mjs', { url: await server(), runners: count }),
  });
  const money = (runs: number): Case => ({
    name: `calls that are paid for, ${runs} runs with a cap`,
    measure: async () =>
      bench.run('postgres-money.mjs', { url: await server(), runs, calls: bench.size(400) }),
  });
  const idle: Case = {
    name: 'a run that waits',
    measure: async () =>
      bench.run('postgres-idle.mjs', { url: await server(), silentMs: bench.size(60_000), times: 50 }),
  };
  const partitions = (stores: number): Case => ({
    name: `100,000 tasks in ${stores} ${stores === 1 ? 'store' : 'stores'} of one database`,
    measure: async () =>
      bench.run('postgres-partitions.mjs', {
        url: await server(),
        stores,
        n: bench.size(100_000),
        batches: 100,
      }),
  });
  const [few, some, many] = [waiting(10_000), waiting(100_000), waiting(1_000_000)];
  const through = (figure: string, of: Case, to: Case) => ratio(figure, of.name, to.name);
  return {
    title: 'scale: what grows on Postgres',
    cases: [
      few,
      some,
      many,
      more(1_000_000),
      more(10_000_000),
      partitions(1),
      partitions(10),
      idle,
      runners(40),
      money(1),
      money(10),
      money(100),
    ],
    comparisons: [
      { name: 'tasks/s with 100,000 that wait, through 10,000', value: through('tasksPerSecond', some, few) },
      {
        name: 'tasks/s with 1,000,000 that wait, through 10,000',
        value: through('tasksPerSecond', many, few),
      },
      { name: 'bytes a task at 1,000,000, through 10,000', value: through('bytesPerTask', many, few) },
    ],
    rounds: 3,
  };
}
