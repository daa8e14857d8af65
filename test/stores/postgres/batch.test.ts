import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Claim } from '../../../src/ports/task-store.ts';
import type { Database } from '../../../src/stores/postgres/connection/database.ts';
import { partsIn } from '../../../src/stores/postgres/parts.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { Postgres } from '../../support/pglite-database.ts';
import { checkpoint, claimOne, done, LEASE_MS, runInfo } from '../../support/store-parts.ts';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await Postgres.start();
});

afterAll(() => postgres.stop());

/** A store that counts what it sends. */
async function countingStore() {
  const sent = { transactions: 0, statements: 0 };
  const schema = postgres.newSchema();
  const database = await postgres.connect(schema);
  const counting: Database = {
    ...database,
    transaction: (work) => {
      sent.transactions++;
      return database.transaction((session, now) =>
        work(
          {
            query: (text, values) => {
              sent.statements++;
              return session.query(text, values);
            },
          },
          now,
        ),
      );
    },
  };
  const parts = await partsIn(counting, schema, { create: true, shown: 'here' });
  const store = new PostgresTaskStore(parts);
  onTestFinished(() => store.close());
  await store.join(runInfo('r'));
  /** What it takes to do something. */
  const cost = async <T>(work: () => Promise<T>): Promise<{ value: T } & typeof sent> => {
    Object.assign(sent, { transactions: 0, statements: 0 });
    const value = await work();
    return { value, ...sent };
  };
  return { store, cost };
}

const COUNT = 100;

test('what is asked for at once takes few transactions and few statements, however much it is', async () => {
  const { store, cost } = await countingStore();
  await store.add(Array.from({ length: 3 * COUNT }, () => ({ description: 'x' })));
  const claim = (): Promise<Claim> => claimOne(store, 'r');
  const claimed = await cost(() => Promise.all(Array.from({ length: COUNT }, claim)));
  expect(claimed.transactions).toBe(1);
  expect(claimed.statements).toBeLessThan(10);

  const kept = await cost(() =>
    Promise.all(claimed.value.map(({ lease }) => store.checkpoint(lease, checkpoint('x')))),
  );
  expect(kept.transactions).toBe(1);
  expect(kept.statements).toBeLessThan(10);

  // As a busy run does it: each end comes with the claim of the next.
  const settled = await cost(() =>
    Promise.all(claimed.value.flatMap(({ lease }) => [store.settle(lease, done('x')), claim()])),
  );
  expect(settled.transactions).toBe(1);
  expect(settled.statements).toBeLessThan(15);
  expect(await store.counts()).toMatchObject({ completed: COUNT, in_progress: COUNT, pending: COUNT });
});

test('what is asked for while a transaction is under way is done together in the next one', async () => {
  const { store, cost } = await countingStore();
  await store.add(Array.from({ length: COUNT }, () => ({ description: 'x' })));
  const claims = await Promise.all(Array.from({ length: COUNT }, () => claimOne(store, 'r')));
  const { transactions } = await cost(async () => {
    const [first, ...others] = claims.map(({ lease }) => lease);
    if (!first) throw new Error('there is none');
    const under = store.settle(first, done('x'));
    // One that is under way begins in a turn of its own.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await Promise.all([under, ...others.map((lease) => store.settle(lease, done('x')))]);
  });
  expect(transactions).toBeGreaterThan(0);
  expect(transactions).toBeLessThanOrEqual(2);
  expect((await store.claim({ run: 'r', leaseMs: LEASE_MS })).task).toBeUndefined();
});
