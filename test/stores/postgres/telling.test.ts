import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Claim } from '../../../src/ports/task-store.ts';
import type { Database } from '../../../src/stores/postgres/connection/database.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Postgres } from '../../support/pglite-database.ts';
import { again, claimOne, done, LEASE_MS, runInfo } from '../../support/store-parts.ts';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await Postgres.start();
});

afterAll(() => postgres.stop());

/** A store whose time stands still, with a run and so many tasks; and what others hear of it. */
async function heardStore(
  tasks: number,
  as = (database: Database) => database,
): Promise<{ store: PostgresTaskStore; heard: string[] }> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const schema = postgres.newSchema();
  const parts = await postgres.parts(schema, new ManualClock());
  const store = new PostgresTaskStore({ ...parts, database: as(parts.database) });
  await store.add(Array.from({ length: tasks }, (_, i) => ({ id: `t${i}`, description: 'x' })));
  await store.join(runInfo('r'));
  const heard: string[] = [];
  const listening = await postgres.connect(schema);
  await listening.listen(`orch_${schema}`, (payload) => heard.push(payload));
  onTestFinished(async () => {
    await listening.close();
    await store.close();
  });
  return { store, heard };
}

/** Each transaction collides once. */
function doneAgain(database: Database): Database {
  return {
    ...database,
    transaction: async (work) => {
      const collision = new Error('done again');
      const inVain = database.transaction(async (...given) => {
        await work(...given);
        throw collision;
      });
      await expect(inVain).rejects.toBe(collision);
      return database.transaction(work);
    },
  };
}

/** As a busy run does it: the next claim comes with the settlement. */
async function goOn(store: PostgresTaskStore, { lease }: Claim): Promise<Claim> {
  const [, next] = await Promise.all([store.settle(lease, done('x')), claimOne(store, 'r')]);
  return next;
}

test('what has ended is told once a second while the run goes on, and what was left out then with its next beat', async () => {
  const { store, heard } = await heardStore(6);
  let claim = await claimOne(store, 'r');
  claim = await goOn(store, claim);
  await goOn(store, await goOn(store, claim));
  expect(heard).toEqual(['settled t0']);
  vi.advanceTimersByTime(10_000);
  await store.counts();
  expect(heard).toEqual(['settled t0', 'settled t1 t2']);
  vi.advanceTimersByTime(10_000);
  await store.counts();
  expect(heard).toHaveLength(2);
});

test('what was to be told in a transaction that is done again is told in the one that is kept', async () => {
  const { store, heard } = await heardStore(3, doneAgain);
  await goOn(store, await claimOne(store, 'r'));
  expect(heard).toEqual(['settled t0']);
});

test('that the last one has ended is told at once', async () => {
  const { store, heard } = await heardStore(2);
  const claim = await goOn(store, await claimOne(store, 'r'));
  await store.settle(claim.lease, done('x'));
  expect(heard).toEqual(['settled t0', 'ended']);
});

test('what has become runnable is named; not what its run has taken, and as spoken for where it has room for it', async () => {
  const { store, heard } = await heardStore(2);
  await store.add([{ id: 'after', description: 'x', after: ['t0'] }]);
  await store.add([
    { id: 'one', description: 'x', after: ['t1'], priority: 1 },
    { id: 'two', description: 'x', after: ['t1'] },
  ]);
  const claims = [await claimOne(store, 'r'), await claimOne(store, 'r')] as const;
  heard.length = 0;
  // Its run has not asked in vain: others may do it.
  await store.settle(claims[0].lease, done('x'));
  expect(heard.splice(0)).toEqual(['runnable after', 'ended']);
  const after = await claimOne(store, 'r');
  const one = await goOn(store, claims[1]);
  expect(one.task.id).toBe('one');
  expect(heard.splice(0)).toEqual(['runnable two']);
  // It has room for more, and finds nothing.
  await claimOne(store, 'r');
  expect((await store.claim({ run: 'r', leaseMs: LEASE_MS })).task).toBeUndefined();
  await store.settle(after.lease, again());
  expect(heard.splice(0)).toEqual(['spoken-for after']);
  // And does not take it after all: it may have been told to begin nothing more.
  await vi.waitFor(() => expect(heard).toEqual(['runnable after']), 10_000);
});

test('of what its run has taken, as it said, nothing more is told', async () => {
  const { store, heard } = await heardStore(1);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  const claim = await claimOne(store, 'r');
  expect((await store.claim({ run: 'r', leaseMs: LEASE_MS })).task).toBeUndefined();
  await store.settle(claim.lease, again());
  expect(heard.splice(0)).toContain('spoken-for t0');
  await claimOne(store, 'r');
  vi.advanceTimersByTime(5000);
  await store.counts();
  expect(heard).toEqual([]);
});

test('many tasks are not named', async () => {
  const { store, heard } = await heardStore(0);
  await store.add(Array.from({ length: 900 }, () => ({ description: 'x' })));
  expect(heard).toEqual(['runnable']);
});
