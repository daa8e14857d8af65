import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { isOrchError } from '../../src/model/errors.ts';
import type { Lease, NewTask } from '../../src/model/task.ts';
import { PostgresTaskStore } from '../../src/stores/postgres/postgres-task-store.ts';
import { OwnPostgresServer } from '../support/postgres-server.ts';
import { again, broken, checkpoint, done, LEASE_MS, listed, runInfo } from '../support/store-parts.ts';
import { enough } from '../support/thorough.ts';

/** Stores on one database do whatever they like to a few tasks at the same time. Then no table contradicts another. */

const STORES = 5;
const ROUNDS = enough(2, 20);
/** Of each store in a round, and how many of them at once. */
const BATCHES = 30;
const AT_ONCE = 4;

const REFUSALS = ['usage', 'conflict', 'not-found', 'lease-lost'];

interface Worker {
  store: PostgresTaskStore;
  run: string;
  leases: Lease[];
}

type Operation = (worker: Worker) => Promise<unknown>;

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 2 });
const priority = fc.integer({ min: 0, max: 2 });
const newTask: fc.Arbitrary<NewTask> = fc.record(
  { id, description: fc.constant('x'), priority, after: fc.uniqueArray(id, { maxLength: 2 }) },
  { requiredKeys: ['id', 'description'] },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  does(fc.array(newTask, { minLength: 1, maxLength: 3 }), ({ store }, tasks) => store.add(tasks)),
  does(fc.tuple(id, ids, priority), ({ store }, [one, after, priority]) =>
    store.edit(one, { after, priority }),
  ),
  does(id, ({ store }, one) => store.remove([one])),
  does(ids, ({ store }, which) => store.reset({ ids: which })),
  does(fc.constantFrom('failed' as const, 'all' as const), ({ store }, which) => store.reset(which)),
  does(ids, ({ store }, which) => store.retry(which)),
  does(ids, ({ store }, which) => store.cancel(which)),
  does(fc.nat(), ({ store, run }, call) => store.spend({ run, call: `call-${call}`, task: 'a', usd: 0.01 })),
  does(fc.constant(LEASE_MS), ({ store, leases }, ms) => store.renew(leases, ms)),
  ...Array.from({ length: 2 }, () => does(fc.nat(), rejoin)),
  ...Array.from({ length: 3 }, () => does(fc.option(ids), claim)),
  does(fc.nat(), async ({ store, leases }) => leases[0] && store.checkpoint(leases[0], checkpoint('draft'))),
  ...Array.from({ length: 3 }, () =>
    does(fc.constantFrom(done('x'), done('y'), again(), broken()), async ({ store, leases }, how) => {
      const lease = leases.shift();
      return lease && store.settle(lease, how);
    }),
  ),
);

function does<T>(
  argument: fc.Arbitrary<T>,
  use: (worker: Worker, value: T) => Promise<unknown>,
): fc.Arbitrary<Operation> {
  return argument.map((value) => (worker) => use(worker, value));
}

async function claim({ store, run, leases }: Worker, only: string[] | null): Promise<void> {
  const answer = await store.claim({ run, leaseMs: LEASE_MS, ...(only && { only: new Set(only) }) });
  if (answer.task) leases.push(answer.lease);
}

/** As if its process had died, and another had come. */
async function rejoin(worker: Worker, number: number): Promise<void> {
  const before = worker.run;
  const next = `run-${number}-${crypto.randomUUID()}`;
  await worker.store.join(runInfo(next));
  worker.run = next;
  await worker.store.leave(before);
}

test('stores that do anything at the same time leave nothing that contradicts itself', async () => {
  const server = await OwnPostgresServer.startOwn({ settings: ['deadlock_timeout=10ms', 'fsync=off'] });
  onTestFinished(() => server.stop());
  const url = await server.newDatabase();
  const workers: Worker[] = [];
  for (let i = 0; i < STORES; i++) {
    const worker = { store: await PostgresTaskStore.connect(url), run: `run-${i}`, leases: [] };
    onTestFinished(() => worker.store.close());
    await worker.store.join(runInfo(worker.run));
    workers.push(worker);
  }
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(
      workers.map(async (worker) => {
        for (let batch = 0; batch < BATCHES; batch++)
          await Promise.all(fc.sample(operation, AT_ONCE).map((each) => each(worker).catch(refused)));
      }),
    );
    expect(await server.sql(CONTRADICTIONS, [], url)).toEqual([]);
    for (const { history, status } of await listed(workers[0]?.store as PostgresTaskStore)) {
      const open = history.filter(({ outcome }) => outcome === undefined);
      expect(open.length).toBeLessThanOrEqual(status === 'completed' || status === 'failed' ? 0 : 1);
    }
  }
}, 600_000);

function refused(error: unknown): void {
  if (!isOrchError(error) || !REFUSALS.includes(error.code)) throw error;
}

const IS_BLOCKED = `EXISTS (
  SELECT FROM unnest(t.after) AS a (id) LEFT JOIN orch.task d ON d.id = a.id LEFT JOIN orch_queue.job dj ON dj.id = d.job
  WHERE dj.state IS DISTINCT FROM 'completed')`;

const CONTRADICTIONS = `
  WITH RECURSIVE there AS (SELECT t.id, t.after, t.job, j.state, j.blocked FROM orch.task t JOIN orch_queue.job j ON j.id = t.job),
  earlier (id, start) AS (
    SELECT unnest(after), id FROM there WHERE state <> 'completed'
    UNION SELECT unnest(t.after), e.start FROM orch.task t JOIN earlier e ON e.id = t.id
  )
  SELECT 'blocked' AS what, id, state::text FROM there t WHERE state <> 'completed' AND blocked <> ${IS_BLOCKED}
  UNION ALL SELECT 'waits for what is gone', id, state::text FROM there t WHERE state <> 'completed'
    AND EXISTS (SELECT FROM unnest(t.after) AS a (id) WHERE NOT EXISTS (SELECT FROM orch.task d WHERE d.id = a.id))
  UNION ALL SELECT 'waits for itself', id, NULL FROM earlier WHERE id = start
  UNION ALL SELECT 'without claim', id, NULL FROM there t WHERE state = 'active' AND NOT EXISTS (SELECT FROM orch.claim c WHERE c.job = t.job)
  UNION ALL SELECT 'claim', job::text, NULL FROM orch.claim c WHERE NOT EXISTS (SELECT FROM there t WHERE t.job = c.job AND t.state = 'active')
  UNION ALL SELECT 'without job', id, NULL FROM orch.task t WHERE NOT EXISTS (SELECT FROM orch_queue.job j WHERE j.id = t.job)
  UNION ALL SELECT 'without task', group_id, NULL FROM orch_queue.job j WHERE NOT EXISTS (SELECT FROM orch.task t WHERE t.job = j.id)`;
