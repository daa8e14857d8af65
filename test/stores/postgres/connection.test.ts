import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { NothingToClaim } from '../../../src/ports/task-store.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { type Fate, LinkProxy } from '../../support/link-proxy.ts';
import { PostgresServer } from '../../support/postgres-server.ts';
import { claimOne, done, LEASE_MS, runInfo } from '../../support/store-parts.ts';

let server: PostgresServer;
/** A database with a store. */
let url: string;

beforeAll(async () => {
  server = await PostgresServer.start();
  url = await server.newDatabase();
  await (await PostgresTaskStore.connect(url)).close();
});

afterAll(() => server?.stop());

async function opened(at: string, onOutage = (_: string) => {}): Promise<PostgresTaskStore> {
  const store = await PostgresTaskStore.connect(at, { onOutage });
  onTestFinished(() => store.close());
  return store;
}

async function count(description: string): Promise<number> {
  const [row] = await server.sql<{ count: number }>(
    "SELECT count(*)::int AS count FROM orch.task WHERE body->>'description' = $1",
    [description],
    url,
  );
  return row?.count ?? 0;
}

/** Whether a connection to the database is in such a state. */
async function isThere(condition: string): Promise<boolean> {
  const rows = await server.sql(
    `SELECT FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND ${condition}`,
    [new URL(url).pathname.slice(1)],
  );
  return rows.length > 0;
}

/** Does that with the first of such statements. @returns whether it came by */
function atFirst(proxy: LinkProxy, statement: RegExp, fate: () => Fate): () => boolean {
  let isMet = false;
  proxy.fate = (text) => {
    if (isMet || !statement.test(text)) return 'pass';
    isMet = true;
    return fate();
  };
  return () => isMet;
}

const COMMIT = /COMMIT\b/;

describe('a connection that breaks', () => {
  test('at a COMMIT that the server has done is not done again', async () => {
    const proxy = await LinkProxy.before(url);
    const store = await opened(proxy.url);
    const isMet = atFirst(proxy, COMMIT, () => 'cut-answer');
    const [task] = await store.add([{ description: 'answer cut' }]);
    expect(isMet()).toBe(true);
    expect(await store.get(task?.id ?? '')).toMatchObject({ description: 'answer cut' });
    expect(await count('answer cut')).toBe(1);
  });

  test('at a COMMIT that the server never got is done again', async () => {
    const proxy = await LinkProxy.before(url);
    const store = await opened(proxy.url);
    const isMet = atFirst(proxy, COMMIT, () => 'cut');
    const [task] = await store.add([{ description: 'commit cut' }]);
    expect(isMet()).toBe(true);
    expect(await store.get(task?.id ?? '')).toMatchObject({ description: 'commit cut' });
    expect(await count('commit cut')).toBe(1);
  });

  test.each(['first', 'second'])(
    'at its %s COMMIT, which arrives late: it does not count any more',
    async (which) => {
      const proxy = await LinkProxy.before(url);
      const store = await opened(proxy.url);
      if (which === 'second') await store.add([{ description: 'in time' }]);
      atFirst(proxy, COMMIT, () => 'hold');
      const adding = store.add([{ description: `late at the ${which}` }]);
      // What is done again waits for the locks of the one that is late.
      await vi.waitUntil(() => isThere("wait_event_type = 'Lock'"));
      proxy.release();
      await adding;
      expect(await count(`late at the ${which}`)).toBe(1);
    },
  );

  test('before that is waited for, and what is in hand is kept', async () => {
    const said: string[] = [];
    const proxy = await LinkProxy.before(url);
    const store = await opened(proxy.url, (sentence) => said.push(sentence));
    await store.join(runInfo('outage'));
    await store.add([{ id: 'outage', description: 'x' }]);
    const { lease } = await claimOne(store, 'outage', { only: new Set(['outage']) });
    proxy.isDown = true;
    proxy.cut();
    const settling = store.settle(lease, done('paid for'));
    await vi.waitUntil(() => said.length > 0);
    proxy.isDown = false;
    expect((await settling).result).toBe('paid for');
    expect(said).toEqual([
      expect.stringMatching(/^Cannot use the database postgres:.*; it is tried again$/),
      expect.stringMatching(/^The database postgres:.* is there again$/),
    ]);
  });

  test('because an administrator cancelled a statement: that is said again', async () => {
    const said: string[] = [];
    const store = await opened(url, (sentence) => said.push(sentence));
    const release = await server.hold('LOCK TABLE orch.counter', url);
    const adding = store.add([{ description: 'cancelled' }]);
    await vi.waitUntil(() => isThere("wait_event_type = 'Lock'"), 20_000);
    await server.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    await vi.waitUntil(() => said.length > 0, 20_000);
    await release();
    await adding;
    expect(said[0]).toMatch(
      /: canceling statement due to user request; somebody did that on the server; it is tried again$/,
    );
    expect(await count('cancelled')).toBe(1);
  });

  test('after its password was changed is tried again: the file of passwords may follow', async () => {
    const set = (password: string) => server.sql(`ALTER ROLE renewed PASSWORD '${password}'`);
    await server.sql('CREATE ROLE renewed SUPERUSER LOGIN');
    await set('one');
    const own = Object.assign(new URL(url), { username: 'renewed', password: 'one' });
    const proxy = await LinkProxy.before(own.href);
    let isRefused = false;
    proxy.answer = (bytes) => {
      isRefused ||= bytes.includes('28P01');
      return bytes;
    };
    const store = await opened(proxy.url);
    await store.add([{ description: 'first password' }]);
    await set('two');
    proxy.cut();
    const adding = store.add([{ description: 'next password' }]);
    await Promise.race([adding, vi.waitUntil(() => isRefused, 20_000)]);
    await set('one');
    await adding;
    expect(await count('next password')).toBe(1);
    await store.close();
    await server.sql('DROP ROLE renewed');
  });

  test('and leads to a server that takes no changes, before that is the primary again, is tried again', async () => {
    const proxy = await LinkProxy.before(url);
    const store = await opened(proxy.url);
    await store.add([{ description: 'before the failover' }]);
    const name = new URL(url).pathname.slice(1);
    await server.sql(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    onTestFinished(
      async () => void (await server.sql(`ALTER DATABASE ${name} RESET default_transaction_read_only`)),
    );
    const isAsked = atFirst(proxy, /'transaction_read_only'/, () => 'pass');
    proxy.cut();
    const adding = store.add([{ description: 'after the failover' }]);
    await Promise.race([adding, vi.waitUntil(isAsked, 20_000)]);
    await server.sql(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await adding;
    expect(await count('after the failover')).toBe(1);
  });

  test('for longer than leases last leaves who comes back first to those who come back later', async () => {
    const proxy = await LinkProxy.before(url);
    const said: string[] = [];
    const [holding, first] = [
      await opened(proxy.url),
      await opened(proxy.url, (sentence) => said.push(sentence)),
    ];
    const only = new Set(['kept']);
    await holding.join(runInfo('holding'));
    await first.join(runInfo('first'));
    await holding.add([{ id: 'kept', description: 'x' }]);
    const { lease } = await claimOne(holding, 'holding', { only });
    proxy.isDown = true;
    proxy.cut();
    const claiming = first.claim({ run: 'first', leaseMs: LEASE_MS, only });
    await vi.waitUntil(() => said.length > 0);
    await server.sql("UPDATE orch.run SET alive_until = now() - interval '1 s'", [], url);
    await server.sql(
      "UPDATE orch_queue.job SET heartbeat_on = now() - interval '31 s' WHERE state = 'active'",
      [],
      url,
    );
    proxy.isDown = false;
    // It waits to see, for less than half a minute.
    const answer = (await claiming) as NothingToClaim;
    expect(answer).toMatchObject({ heldByOthers: 1, leaseEndsAt: expect.any(String) });
    expect(Date.parse(answer.leaseEndsAt ?? '') - Date.now()).toBeLessThan(30_000);
    expect((await holding.settle(lease, done('came back'))).result).toBe('came back');
    // One that was dead before is not waited for.
    await holding.add([{ id: 'left', description: 'x' }]);
    await claimOne(holding, 'holding', { only: new Set(['left']) });
    await server.sql(
      "UPDATE orch.run SET alive_until = now() - interval '1 hour' WHERE id = 'holding'",
      [],
      url,
    );
    await claimOne(first, 'first', { only: new Set(['left']) });
  });

  test('is given up soon by who is in a hurry', async () => {
    const said: string[] = [];
    const proxy = await LinkProxy.before(url);
    const store = await opened(proxy.url, (sentence) => said.push(sentence));
    proxy.isDown = true;
    proxy.cut();
    const adding = store.add([{ description: 'x' }]);
    adding.catch(() => {});
    await vi.waitUntil(() => said.length > 0);
    store.hurry(0);
    await expect(adding).rejects.toMatchObject({ code: 'store-unusable' });
    await expect(store.counts()).rejects.toMatchObject({ code: 'store-unusable' });
  });
});

describe('a link that swallows what it is given', () => {
  /** As if so many milliseconds had passed in which nothing came. */
  function silence(): void {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
  }

  /** Lets time pass, and the server answer in between, until something is done or enough has passed. */
  async function pass(ms: number, done?: Promise<unknown>): Promise<void> {
    let isDone = false;
    const end = (): void => {
      isDone = true;
    };
    done?.then(end, end);
    for (let passed = 0; !isDone && passed < ms; passed += 1000) {
      vi.advanceTimersByTime(1000);
      await server.sql('SELECT 1');
    }
  }

  /** A statement that gets lost. */
  async function swallowed(statement: RegExp, description: string): Promise<{ adding: Promise<unknown> }> {
    silence();
    const proxy = await LinkProxy.before(url);
    const store = await opened(proxy.url);
    const isMet = atFirst(proxy, statement, () => 'lose');
    const adding = store.add([{ description }]);
    await vi.waitUntil(isMet);
    return { adding };
  }

  test('a BEGIN is noticed, and done by another one', async () => {
    const { adding } = await swallowed(/BEGIN/, 'swallowed BEGIN');
    await pass(30_000, adding);
    await adding;
    expect(await count('swallowed BEGIN')).toBe(1);
  });

  test('a COMMIT is noticed, and done by another one', async () => {
    const { adding } = await swallowed(COMMIT, 'swallowed COMMIT');
    await pass(30_000, adding);
    // The server ends a transaction of which it hears nothing more after 10 s.
    await vi.waitUntil(() => isThere("wait_event_type = 'Lock'"));
    const [{ ends } = { ends: '' }] = await server.sql<{ ends: string }>(
      "SELECT pg_terminate_backend(pid)::text AS ends FROM pg_stat_activity WHERE state = 'idle in transaction'",
    );
    expect(ends).toBe('true');
    await adding;
    expect(await count('swallowed COMMIT')).toBe(1);
  });

  test('both of them are noticed', async () => {
    silence();
    const proxy = await LinkProxy.before(url);
    const store = await opened(proxy.url);
    onTestFinished(store.changes(() => {}));
    await vi.waitUntil(() => isThere("application_name = 'orch-listen' AND query LIKE 'LISTEN%'"));
    const adding = store.add([{ description: 'both' }]);
    const isMet = atFirst(proxy, /BEGIN/, () => {
      proxy.lose();
      return 'lose';
    });
    await vi.waitUntil(isMet);
    await pass(60_000, adding);
    await adding;
    expect(await count('both')).toBe(1);
  }, 40_000);

  test('a statement that takes long is left alone, though nothing comes', async () => {
    silence();
    const said: string[] = [];
    const proxy = await LinkProxy.before(url);
    const store = await opened(proxy.url, (sentence) => said.push(sentence));
    let begins = 0;
    proxy.fate = (text) => {
      if (text.includes('BEGIN')) begins++;
      return 'pass';
    };
    const release = await server.hold('LOCK TABLE orch.counter', url);
    const adding = store.add([{ description: 'patient' }]);
    await vi.waitUntil(() => isThere("wait_event_type = 'Lock'"));
    await pass(60_000);
    await release();
    await adding;
    expect(begins).toBe(1);
    expect(said).toEqual([]);
  });

  test('a statement that waits for a lock of others is given up by who is in a hurry', async () => {
    silence();
    const store = await opened(url);
    const release = await server.hold('LOCK TABLE orch.counter', url);
    onTestFinished(release);
    const adding = store.add([{ description: 'in a hurry' }]);
    await vi.waitUntil(() => isThere("wait_event_type = 'Lock'"), 20_000);
    store.hurry(0);
    const refused = expect(adding).rejects.toThrow(
      /it waits for a lock that another session has; see who holds it /,
    );
    await pass(60_000, adding);
    await refused;
  });
});
