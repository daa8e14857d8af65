import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isoTime } from '../../../src/model/clock.ts';
import type { Task } from '../../../src/model/task.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import type { Database, Session } from '../../../src/stores/postgres/connection/database.ts';
import { partsIn } from '../../../src/stores/postgres/parts.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Postgres } from '../../support/pglite-database.ts';
import { broken, claimAll, claimOne, done, idsOf, LEASE_MS, runInfo } from '../../support/store-parts.ts';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await Postgres.start();
});

afterAll(() => postgres.stop());

async function newStore(clock?: ManualClock): Promise<PostgresTaskStore> {
  const store = await postgres.openNew(clock);
  onTestFinished(() => store.close());
  return store;
}

test('a reset of the failed ones keeps what they come after', async () => {
  for (const store of [new MemoryTaskStore(), await newStore()]) {
    await store.join(runInfo('r'));
    await store.add([{ description: 'a', id: 'a' }]);
    await store.add([{ description: 'd', id: 'd', after: ['a'] }]);
    const a = await claimOne(store, 'r');
    await store.settle(a.lease, done('x'));
    const d = await claimOne(store, 'r');
    await store.settle(d.lease, broken());
    await store.reset({ ids: ['a'] });
    await store.reset('failed');
    expect((await store.get('d'))?.after).toEqual(['a']);
    expect(await claimAll(store, 'r')).toEqual(['a']);
  }
});

test('a task that was completed waits again for what has come back', async () => {
  for (const store of [new MemoryTaskStore(), await newStore()]) {
    await store.join(runInfo('r'));
    await store.add([{ description: 'a', id: 'a' }]);
    await store.add([{ description: 'd', id: 'd', after: ['a'] }]);
    await store.settle((await claimOne(store, 'r')).lease, done('x'));
    await store.settle((await claimOne(store, 'r')).lease, done('x'));
    await store.remove(['a']);
    await store.add([{ description: 'a', id: 'a' }]);
    await store.reset({ ids: ['d'] });
    expect((await store.get('d'))?.after).toEqual(['a']);
    expect(await claimAll(store, 'r')).toEqual(['a']);
  }
});

test('what a dead run left may be edited, its priority and its time too', async () => {
  const clock = new ManualClock();
  for (const store of [new MemoryTaskStore({ clock }), await newStore(clock)]) {
    await store.join(runInfo('r'));
    await store.join(runInfo('s'));
    await store.add([
      { description: 'a', id: 'a' },
      { description: 'b', id: 'b', priority: 5 },
    ]);
    await claimOne(store, 'r', { only: new Set(['a']) });
    await store.leave('r');
    await store.edit('a', { criteria: 'short', priority: 7, notBefore: '2031-01-01T00:00:00.000Z' });
    expect((await store.get('a'))?.history).toHaveLength(1);
    expect(await store.get('a')).toMatchObject({
      status: 'in_progress',
      priority: 7,
      notBefore: '2031-01-01T00:00:00.000Z',
    });
    expect(await claimAll(store, 's')).toEqual(['b']);
    expect(await store.get('a')).toMatchObject({ status: 'pending', priority: 7 });
  }
});

test.each([
  '2031-01-01',
  'Wed, 01 Jan 2031 00:00:00 GMT',
  '+010000-01-01T00:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
])('a task may be due at %s', async (notBefore) => {
  for (const store of [new MemoryTaskStore(), await newStore()]) {
    await store.join(runInfo('r'));
    await store.add([{ description: 'a', id: 'a', notBefore }]);
    await store.add([{ description: 'b', id: 'b' }]);
    await store.edit('b', { notBefore });
    expect((await store.get('a'))?.notBefore).toBe(notBefore);
    const answer = await store.claim({ run: 'r', leaseMs: 30_000 });
    expect(answer).toEqual({ heldByOthers: 0, dueAt: new Date(notBefore).toISOString() });
  }
});

test.each(['-000044-03-15T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '-271821-04-20T00:00:00.000Z', '5'])(
  'a task may have been due at %s',
  async (notBefore) => {
    for (const store of [new MemoryTaskStore(), await newStore()]) {
      await store.join(runInfo('r'));
      await store.add([{ description: 'a', id: 'a', notBefore }]);
      await store.add([{ description: 'b', id: 'b' }]);
      await store.edit('b', { notBefore });
      expect(await claimAll(store, 'r')).toEqual(['a', 'b']);
    }
  },
);

test.each([1.5, 1e12, -1e300, 2147483648])('a priority of %s is refused', async (priority) => {
  const store = await newStore();
  const bad = { description: 'a', id: 'a', priority };
  const [good] = await store.add([{ description: 'b', id: 'b', priority: 2147483647 }]);
  const message = `A store on Postgres takes whole numbers from -2147483647 to 2147483647 as priorities, not ${priority}`;
  await expect(store.add([{ description: 'c' }, bad])).rejects.toMatchObject({
    code: 'usage',
    message,
    index: 1,
  });
  await expect(store.import([{ ...(good as Task), ...bad }])).rejects.toMatchObject({
    code: 'usage',
    message,
    index: 0,
  });
  await expect(store.edit('b', { priority })).rejects.toMatchObject({ code: 'usage', message });
  expect(await idsOf(store)).toEqual(['b']);
});

test('no claim stays of what a dead run left and somebody removed', async () => {
  const schema = postgres.newSchema();
  const store = await postgres.open(schema);
  onTestFinished(() => store.close());
  await store.join(runInfo('r'));
  await store.add([{ description: 'a', id: 'a' }]);
  await claimOne(store, 'r');
  await store.leave('r');
  await store.remove(['a']);
  expect(await (await postgres.connect(schema)).query(`SELECT FROM ${schema}.claim`)).toEqual([]);
});

test('a lease can be renewed for longer than it was given for', async () => {
  const clock = new ManualClock();
  for (const store of [new MemoryTaskStore({ clock }), await newStore(clock)]) {
    await store.join(runInfo('r'));
    await store.add([{ description: 'a', id: 'a' }]);
    const { lease } = await claimOne(store, 'r', { leaseMs: 5000 });
    await store.renew([lease], LEASE_MS);
    expect((await store.get('a'))?.lease?.expiresAt).toBe(isoTime(clock.now() + LEASE_MS));
  }
});

test('what a completed task came after need not be an id', async () => {
  for (const store of [new MemoryTaskStore(), await newStore()]) {
    const after = ['a"b', 'c,d', '{', '\\', 'NULL', ' ', ''];
    const task = {
      id: 'a',
      description: 'a',
      status: 'completed' as const,
      attempts: 1,
      priority: 0,
      after,
      createdAt: '2026-01-01T00:00:00.000Z',
      result: 'x',
      history: [],
    };
    await store.import([task]);
    expect((await store.get('a'))?.after).toEqual(after);
    await store.import([task]);
  }
});

test.each([
  ['minutes', 60_000],
  ['two days', 172_800_000],
])('a run that slept for %s is as good as new once it claims', async (_, ms) => {
  const clock = new ManualClock();
  const schema = postgres.newSchema();
  const [sleeper, other] = [await postgres.open(schema, clock), await postgres.open(schema, clock)];
  onTestFinished(async () => {
    await sleeper.close();
    await other.close();
  });
  await sleeper.join(runInfo('sleeper'));
  clock.advance(ms);
  await other.join(runInfo('other'));
  await sleeper.add([{ description: 'a', id: 'a' }]);
  const { lease } = await claimOne(sleeper, 'sleeper');
  expect(await other.claim({ run: 'other', leaseMs: LEASE_MS })).toMatchObject({ heldByOthers: 1 });
  expect((await other.runs()).map(({ id }) => id).sort()).toEqual(['other', 'sleeper']);
  await sleeper.settle(lease, done('x'));
});

test('a text that takes long to send is given the time', async () => {
  const said: string[] = [];
  const database = await postgres.connect(postgres.newSchema());
  const listening: Database = {
    ...database,
    transaction: (work) =>
      database.transaction((session, now) => {
        const query: Session['query'] = (text, values) => {
          said.push(text);
          return session.query(text, values);
        };
        return work({ query }, now);
      }),
  };
  const parts = await partsIn(listening, postgres.newSchema(), { create: true, shown: 'here' });
  const store = new PostgresTaskStore(parts);
  onTestFinished(() => store.close());
  const isGiven = () => said.some((text) => text.startsWith('SET LOCAL idle_in_transaction_session_timeout'));
  await store.add([{ description: 'small' }]);
  expect(isGiven()).toBe(false);
  await store.add([{ description: 'x'.repeat(10_000_001) }]);
  expect(isGiven()).toBe(true);
});

test('when the database was away for all, nobody takes the others for dead who comes back first', async () => {
  const clock = new ManualClock();
  const schema = postgres.newSchema();
  const stores = [await postgres.open(schema, clock), await postgres.open(schema, clock)] as const;
  const [one, other] = stores;
  onTestFinished(async () => {
    for (const store of stores) await store.close();
  });
  await one.add([{ description: 'a' }, { description: 'b' }]);
  await one.join(runInfo('one'));
  await other.join(runInfo('other'));
  const { lease } = await claimOne(one, 'one');
  await claimOne(other, 'other');
  clock.advance(60_000);
  expect(await other.claim({ run: 'other', leaseMs: LEASE_MS })).toMatchObject({ heldByOthers: 1 });
  expect(await one.renew([lease], LEASE_MS)).toEqual([]);
  // Now one of them is away.
  clock.advance(25_000);
  expect(await other.claim({ run: 'other', leaseMs: LEASE_MS })).toMatchObject({ heldByOthers: 1 });
  clock.advance(25_000);
  expect(await claimAll(other, 'other')).toEqual(['task-001']);
});

test('who waits for what another run holds asks again when that run would be dead, before the grace of its lease is over', async () => {
  const clock = new ManualClock();
  const schema = postgres.newSchema();
  const [holder, waiter] = [await postgres.open(schema, clock), await postgres.open(schema, clock)];
  onTestFinished(async () => {
    await holder.close();
    await waiter.close();
  });
  await holder.add([{ description: 'x' }]);
  await holder.join(runInfo('a'));
  await claimOne(holder, 'a', { leaseMs: LEASE_MS - 5000 });
  clock.advance(LEASE_MS - 5000);
  await waiter.join(runInfo('b'));
  const answer = await waiter.claim({ run: 'b', leaseMs: LEASE_MS });
  expect(answer).toEqual({ heldByOthers: 1, leaseEndsAt: clock.in(5001) });
  clock.advance(5001);
  expect((await claimOne(waiter, 'b')).task.crashes).toBe(1);
});

test('the grace after an outage begins with the first look after it, though that finds nothing', async () => {
  const clock = new ManualClock();
  const schema = postgres.newSchema();
  const dying = await postgres.open(schema, clock);
  const database: { lostAt: number | undefined } & Database = {
    ...(await postgres.connect(schema, clock)),
    lostAt: undefined,
  };
  const parts = await partsIn(database, schema, { create: false, shown: schema });
  const idle = new PostgresTaskStore(parts);
  onTestFinished(async () => {
    await dying.close();
    await idle.close();
  });
  await dying.add([{ id: 'a', description: 'a' }]);
  await dying.join(runInfo('dying'));
  await idle.join(runInfo('idle'));
  await claimOne(dying, 'dying');
  const request = { run: 'idle', leaseMs: LEASE_MS };
  expect((await idle.claim(request)).task).toBeUndefined();
  database.lostAt = clock.now();
  expect((await idle.claim(request)).task).toBeUndefined();
  clock.advance(21_000);
  // It says that it lives.
  await idle.renew([], LEASE_MS);
  clock.advance(10_000);
  expect((await idle.claim(request)).task?.id).toBe('a');
});

describe('who comes when the server was started anew since others were heard of', () => {
  /** A run that holds a task; and one that comes 60 s after it was heard of last, when the server was started meanwhile. */
  async function afterRestart(awayMs = 60_000) {
    const clock = new ManualClock();
    const schema = postgres.newSchema();
    const there = await postgres.open(schema, clock);
    const later = await postgres.open(schema, clock);
    onTestFinished(async () => {
      await there.close();
      await later.close();
    });
    await there.add([{ id: 'a', description: 'a' }]);
    await there.join(runInfo('there'));
    const { lease } = await claimOne(there, 'there');
    clock.advance(awayMs);
    const restart = "UPDATE $.run SET server_since = server_since - interval '1 hour'";
    const database = await postgres.connect(schema);
    await database.query(restart.replace('$', schema));
    await later.join(runInfo('later'));
    return { there, later, lease, clock };
  }

  test('leaves them what they hold for 15 s', async () => {
    const { there, later, lease, clock } = await afterRestart();
    expect(await later.claim({ run: 'later', leaseMs: LEASE_MS })).toEqual({
      heldByOthers: 1,
      leaseEndsAt: clock.in(15_000),
    });
    clock.advance(14_000);
    expect(await there.renew([lease], LEASE_MS)).toEqual([]);
    clock.advance(14_000);
    expect(await claimAll(later, 'later')).toEqual([]);
  });

  test('takes it over then', async () => {
    const { later, clock } = await afterRestart();
    expect(await claimAll(later, 'later')).toEqual([]);
    clock.advance(15_000);
    expect(await claimAll(later, 'later')).toEqual(['a']);
  });

  test('takes over at once what one has left who has given up since', async () => {
    const { later } = await afterRestart(6 * 60_000);
    expect(await claimAll(later, 'later')).toEqual(['a']);
  });
});
